package io.mimir.plugin.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.service.PluginRegistry;
import io.mimir.plugin.service.PluginRegistry.Said;
import io.mimir.plugin.service.Plugins;
import io.mimir.web.Bodies;
import io.mimir.web.Done;
import io.mimir.web.Parameters;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Plugins, for administrators; {@link PluginUpload} takes the files. */
@Path("settings/plugins")
@RequestScoped
@Produces(APPLICATION_JSON)
public class PluginsResource {

  /** What a plugin takes at most in one call (design/plugins.md, limits). */
  private static final int MAX_INPUT_BYTES = 8 * 1024 * 1024;

  @EJB Plugins plugins;
  @Inject PluginRegistry registry;

  /**
   * What is to be changed; null members stay as they are.
   *
   * @param config a JSON object; secrets in it that are blank stay as they are
   */
  public record PluginChange(Boolean isEnabled, JsonNode config) {}

  @GET
  public List<PluginView> list() {
    return plugins.all().stream().map(plugin -> view(plugin, null)).toList();
  }

  @GET
  @Path("{id}")
  public PluginView get(@PathParam("id") String id) {
    return view(plugins.get(id), null);
  }

  @PUT
  @Path("{id}")
  @Consumes(APPLICATION_JSON)
  public PluginView change(@PathParam("id") String id, PluginChange change) {
    PluginChange wish = Bodies.required(change);
    return view(plugins.change(id, wish.isEnabled(), wish.config()), "Plugin updated");
  }

  @DELETE
  @Path("{id}")
  public Done delete(@PathParam("id") String id, @QueryParam("force") String force) {
    plugins.delete(id, Parameters.isTrue("force", force));
    return new Done(id, "Plugin deleted");
  }

  @POST
  @Path("{id}/reload")
  public PluginView reload(@PathParam("id") String id) {
    return view(plugins.reload(id), "Plugin reloaded");
  }

  /**
   * Trusts the file that waits.
   *
   * @param sha256 of the file that was looked at, 64 hex digits: 412 where another one waits by now
   */
  @POST
  @Path("{id}/trust")
  public PluginView trust(@PathParam("id") String id, @QueryParam("sha256") String sha256) {
    return view(plugins.pin(id, Parameters.orNull(sha256)), "Plugin trusted");
  }

  @GET
  @Path("{id}/logs")
  public List<Said> logs(@PathParam("id") String id) {
    return registry.logOf(plugins.get(id).getName());
  }

  /** Tries an action; what it gives is passed on as it is. */
  @POST
  @Path("{id}/call/{action}")
  @Consumes(APPLICATION_JSON)
  public Response call(
      @PathParam("id") String id, @PathParam("action") String action, InputStream body)
      throws IOException {
    byte[] input = body.readNBytes(MAX_INPUT_BYTES + 1);
    if (input.length > MAX_INPUT_BYTES) {
      throw new ProblemException(Problem.TOO_LARGE, "A call takes at most 8 MiB");
    }
    return Response.ok(plugins.call(id, action, input), APPLICATION_JSON).build();
  }

  private PluginView view(Plugin plugin, String message) {
    return PluginView.of(plugin, plugins, registry, null, message);
  }
}

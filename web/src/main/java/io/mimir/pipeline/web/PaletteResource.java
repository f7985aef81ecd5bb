package io.mimir.pipeline.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.plugin.kit.json.Json;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.service.PluginActions;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.util.List;
import java.util.Optional;

/** What pipelines are built from: the actions of plugins, without their settings. */
@Path("plugins")
@RequestScoped
@Produces(APPLICATION_JSON)
public class PaletteResource {

  @EJB PluginActions plugins;

  /** A plugin as a builder sees it. */
  public record PluginOffer(
      String name,
      String displayName,
      String type,
      boolean isBuiltin,
      boolean isReady,
      String state,
      List<ActionOffer> actions) {}

  /** An action as a builder sees it. */
  public record ActionOffer(
      String name,
      String description,
      boolean isIdempotent,
      JsonNode inputSchema,
      JsonNode outputSchema) {}

  @GET
  public List<PluginOffer> list() {
    return plugins.all().stream().map(PaletteResource::view).toList();
  }

  private static PluginOffer view(PluginActions.Offered plugin) {
    return new PluginOffer(
        plugin.name(),
        plugin.displayName(),
        plugin.type().wire(),
        plugin.isBuiltin(),
        plugin.isReady(),
        plugin.state().code(),
        plugin.actions().stream().map(PaletteResource::view).toList());
  }

  private static ActionOffer view(Manifest.Action action) {
    return new ActionOffer(
        action.name(),
        action.description(),
        action.idempotent(),
        schema(action.inputSchema()),
        schema(action.outputSchema()));
  }

  private static JsonNode schema(Optional<Json.Obj> schema) {
    return schema.map(text -> RunJson.stored(text.toString())).orElse(null);
  }
}

package io.mimir.credential.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.credential.ApiKey;
import io.mimir.credential.LastTest;
import io.mimir.credential.service.ApiKeys;
import io.mimir.credential.service.KeyStatusReader;
import io.mimir.credential.service.KeyTests;
import io.mimir.credential.service.RotationTrials;
import io.mimir.credential.service.Rotations;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.web.Bodies;
import io.mimir.web.Done;
import io.mimir.web.ETags;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;

/** Keys of providers, for administrators. */
@Path("settings/api-keys")
@RequestScoped
@Produces(APPLICATION_JSON)
public class ApiKeysResource {

  @EJB ApiKeys keys;
  @EJB KeyTests tests;
  @EJB Rotations rotations;
  @Inject KeyStatusReader statuses;
  @Inject RotationTrials trials;

  @GET
  public List<ApiKeyView> list() {
    return keys.all().stream().map(key -> view(key, null)).toList();
  }

  @POST
  @Consumes(APPLICATION_JSON)
  public Response create(ApiKeyForm form, @Context UriInfo uri) {
    ApiKey key = keys.add(Bodies.required(form).toDraft());
    return Response.created(Bodies.relative(uri, key.getId()))
        .tag(ETags.of(key.getVersion()))
        .entity(view(key, "API key created"))
        .build();
  }

  @GET
  @Path("{id}")
  public Response get(@PathParam("id") String id) {
    return answer(keys.get(id), null);
  }

  @PUT
  @Path("{id}")
  @Consumes(APPLICATION_JSON)
  public Response change(
      @PathParam("id") String id, ApiKeyForm form, @HeaderParam("If-Match") String ifMatch) {
    return answer(
        keys.change(id, Bodies.required(form).toChange(), ETags.matching(ifMatch)),
        "API key updated");
  }

  @DELETE
  @Path("{id}")
  public Done delete(@PathParam("id") String id, @HeaderParam("If-Match") String ifMatch) {
    keys.delete(id, ETags.matching(ifMatch));
    return new Done(id, "API key deleted; it can be restored for 7 days");
  }

  @POST
  @Path("{id}/restore")
  public Response restore(@PathParam("id") String id) {
    return answer(keys.restore(id), "API key restored");
  }

  @POST
  @Path("{id}/test")
  public LastTest test(
      @PathParam("id") String id, @QueryParam("question") @DefaultValue("false") String question) {
    return switch (question) {
      case "true" -> tests.ask(id);
      case "false" -> tests.test(id);
      default ->
          throw ProblemException.of(
              Problem.INVALID,
              "question",
              "unknown_value",
              "Use question=true to ask a model, which costs tokens, or leave it out");
    };
  }

  @POST
  @Path("test")
  @Consumes(APPLICATION_JSON)
  public LastTest testUnsaved(ApiKeyForm form) {
    return tests.testUnsaved(Bodies.required(form).toDraft());
  }

  @POST
  @Path("{id}/rotation")
  @Consumes(APPLICATION_JSON)
  public Response rotate(
      @PathParam("id") String id, RotationForm form, @HeaderParam("If-Match") String ifMatch) {
    ApiKey key = rotations.start(id, Bodies.required(form).toTrial(), ETags.matching(ifMatch));
    return Response.status(Response.Status.CREATED)
        .tag(ETags.of(key.getVersion()))
        .entity(view(key, "The new key is tried on a share of the calls"))
        .build();
  }

  @DELETE
  @Path("{id}/rotation")
  public Response rollBack(@PathParam("id") String id, @HeaderParam("If-Match") String ifMatch) {
    return answer(
        rotations.cancel(id, ETags.matching(ifMatch)),
        "The old key stays; the new one was removed");
  }

  @POST
  @Path("{id}/rotation/finish")
  public Response finish(@PathParam("id") String id, @HeaderParam("If-Match") String ifMatch) {
    return answer(
        rotations.finish(id, ETags.matching(ifMatch)), "The new key has replaced the old one");
  }

  private ApiKeyView view(ApiKey key, String message) {
    return ApiKeyView.of(key, statuses, trials, message);
  }

  private Response answer(ApiKey key, String message) {
    return Response.ok(view(key, message)).tag(ETags.of(key.getVersion())).build();
  }
}

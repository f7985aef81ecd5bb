package io.mimir.pipeline.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.service.PipelineTriggers;
import io.mimir.security.web.Caller;
import io.mimir.web.Bodies;
import io.mimir.web.Done;
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
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;

/** What starts runs of a pipeline by itself. */
@Path("pipelines/{pipeline}/triggers")
@RequestScoped
@Produces(APPLICATION_JSON)
public class TriggersResource {

  @EJB PipelineTriggers triggers;
  @Inject Caller caller;

  /** A trigger that is wanted. */
  public record TriggerForm(
      String kind, String cron, String timeZone, String missed, Boolean signed) {}

  /** What can be changed of a trigger. */
  public record TriggerChange(Boolean isActive) {}

  @GET
  public List<TriggerView> list(@PathParam("pipeline") String pipeline) {
    return triggers.all(caller.identity(), pipeline).stream()
        .map(one -> TriggerView.of(one, null))
        .toList();
  }

  @POST
  @Consumes(APPLICATION_JSON)
  public Response create(
      @PathParam("pipeline") String pipeline, TriggerForm form, @Context UriInfo uri) {
    TriggerForm sent = Bodies.required(form);
    PipelineTriggers.Made made =
        triggers.add(
            caller.identity(),
            pipeline,
            new PipelineTriggers.Wish(
                sent.kind(), sent.cron(), sent.timeZone(), sent.missed(), sent.signed()));
    return Response.created(Bodies.relative(uri, made.trigger().getId()))
        .entity(TriggerView.of(made.trigger(), made.secret()))
        .build();
  }

  @PUT
  @Path("{id}")
  @Consumes(APPLICATION_JSON)
  public TriggerView change(
      @PathParam("pipeline") String pipeline, @PathParam("id") String id, TriggerChange change) {
    TriggerChange sent = Bodies.required(change);
    if (sent.isActive() == null) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "is_active", "missing", "Say whether it is active: true or false");
    }
    return TriggerView.of(triggers.change(caller.identity(), pipeline, id, sent.isActive()), null);
  }

  @DELETE
  @Path("{id}")
  public Done delete(@PathParam("pipeline") String pipeline, @PathParam("id") String id) {
    triggers.delete(caller.identity(), pipeline, id);
    return new Done(id, "Trigger deleted");
  }
}

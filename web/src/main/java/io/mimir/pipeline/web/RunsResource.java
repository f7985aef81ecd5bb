package io.mimir.pipeline.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;
import static jakarta.ws.rs.core.MediaType.SERVER_SENT_EVENTS;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.service.RunFeed;
import io.mimir.pipeline.service.Runs;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.pipeline.service.run.StepState;
import io.mimir.pipeline.service.run.Value;
import io.mimir.security.service.Identity;
import io.mimir.security.web.Caller;
import io.mimir.web.Bodies;
import io.mimir.web.Paging;
import io.mimir.web.Parameters;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.util.List;

/** Runs of pipelines: watched, ended, answered and done again. */
@Path("runs")
@RequestScoped
@Produces(APPLICATION_JSON)
public class RunsResource {

  @EJB Runs runs;
  @Inject RunFeed feed;
  @Inject Caller caller;

  @GET
  public Response list(
      @QueryParam("pipeline") String pipeline,
      @QueryParam("status") String status,
      @QueryParam("cursor") String cursor,
      @QueryParam("limit") String limit,
      @Context UriInfo uri) {
    int size = Paging.limit(limit);
    RunStore.Filter filter =
        new RunStore.Filter(
            Parameters.orNull(pipeline), null, RunCursor.status(status), RunCursor.read(cursor));
    return RunCursor.page(runs.list(caller.identity(), filter, size + 1), size, uri);
  }

  @GET
  @Path("{id}")
  public RunView get(@PathParam("id") String id) {
    return view(runs.get(caller.identity(), id));
  }

  private RunView view(RunStore.Row row) {
    String id = row.facts().id();
    return RunView.of(row, runs.value(id, row.input()), runs.value(id, row.output()));
  }

  @GET
  @Path("{id}/steps")
  public List<StepView> steps(@PathParam("id") String id) {
    RunStore.Row run = runs.get(caller.identity(), id);
    return runs.state(run).steps().stream()
        .map(step -> StepView.of(step, run.facts().status()))
        .toList();
  }

  /** The whole of what a step was begun with. */
  @GET
  @Path("{id}/steps/{step}/input")
  public JsonNode input(@PathParam("id") String id, @PathParam("step") String step) {
    return whole(id, step(id, step).input());
  }

  /** The whole of what a step gave. */
  @GET
  @Path("{id}/steps/{step}/output")
  public JsonNode output(@PathParam("id") String id, @PathParam("step") String step) {
    return whole(id, step(id, step).result());
  }

  private StepState step(String id, String path) {
    return runs.state(caller.identity(), id).steps().stream()
        .filter(one -> one.path().equals(path))
        .findFirst()
        .orElseThrow(() -> ProblemException.notFound("step"));
  }

  private JsonNode whole(String id, Value value) {
    if (value == null) {
      throw ProblemException.notFound("value");
    }
    return runs.value(id, value);
  }

  /**
   * The journal as it grows, until the run has ended: {@code event: step} and {@code event: run}.
   *
   * @param last the id of the event that a reader saw last
   */
  @GET
  @Path("{id}/events")
  @Produces(SERVER_SENT_EVENTS)
  public Response events(@PathParam("id") String id, @HeaderParam("Last-Event-ID") String last) {
    Identity identity = caller.identity();
    runs.get(identity, id);
    return Response.ok(new RunEvents(runs, feed, identity, id, after(last)))
        .header("X-Accel-Buffering", "no")
        .build();
  }

  private static long after(String last) {
    if (last == null || last.isBlank()) {
      return 0;
    }
    if (!last.matches("[0-9]{1,15}")) {
      throw ProblemException.of(
          Problem.INVALID, "Last-Event-ID", "invalid", "Send the id of an event of this run");
    }
    return Long.parseLong(last);
  }

  @POST
  @Path("{id}/cancel")
  public RunView cancel(@PathParam("id") String id) {
    return RunView.of(runs.cancel(caller.identity(), id));
  }

  /**
   * Where to go on, and by which revision.
   *
   * @param from the path of a step; left out for the first that failed
   * @param revision left out for that of then
   */
  public record Again(String from, Integer revision) {}

  @POST
  @Path("{id}/retry")
  public Response retry(@PathParam("id") String id, Again again) {
    Again wish = again == null ? new Again(null, null) : again;
    String run = runs.retry(caller.identity(), id, wish.from(), wish.revision());
    return Response.status(Response.Status.ACCEPTED)
        .location(URI.create("/api/v1/runs/" + run))
        .entity(RunView.of(runs.get(caller.identity(), run)))
        .build();
  }

  /** A person's answer. */
  public record Approval(Boolean approved, String note) {}

  @POST
  @Path("{id}/steps/{step}/approve")
  @Consumes(APPLICATION_JSON)
  public RunView approve(
      @PathParam("id") String id, @PathParam("step") String step, Approval approval) {
    Approval sent = Bodies.required(approval);
    if (sent.approved() == null) {
      throw ProblemException.of(
          Problem.MISSING_FIELD,
          "approved",
          "missing",
          "Say whether it is approved: true or false");
    }
    runs.approve(caller.identity(), id, step, sent.approved(), sent.note());
    return RunView.of(runs.get(caller.identity(), id));
  }

  /**
   * What became of a step in doubt.
   *
   * @param how {@code result}, {@code repeat} or {@code skip}
   */
  public record Resolution(String how, JsonNode result) {}

  @POST
  @Path("{id}/steps/{step}/resolve")
  @Consumes(APPLICATION_JSON)
  public RunView resolve(
      @PathParam("id") String id, @PathParam("step") String step, Resolution resolution) {
    Resolution sent = Bodies.required(resolution);
    runs.resolve(caller.identity(), id, step, sent.how(), sent.result());
    return RunView.of(runs.get(caller.identity(), id));
  }
}

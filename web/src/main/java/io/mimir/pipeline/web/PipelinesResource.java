package io.mimir.pipeline.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.PipelineLimits;
import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.service.Pipelines;
import io.mimir.pipeline.service.RunStarts;
import io.mimir.pipeline.service.Runs;
import io.mimir.pipeline.service.StoredDefinitions;
import io.mimir.pipeline.service.language.DefinitionSchema;
import io.mimir.pipeline.service.language.YamlException;
import io.mimir.pipeline.service.language.YamlText;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.security.web.Caller;
import io.mimir.web.Bodies;
import io.mimir.web.Done;
import io.mimir.web.ETags;
import io.mimir.web.Json;
import io.mimir.web.Paging;
import io.mimir.web.Parameters;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Pipelines, their revisions and their runs. */
@Path("pipelines")
@RequestScoped
@Produces(APPLICATION_JSON)
public class PipelinesResource {

  private static final String YAML = "application/yaml";
  private static final int MAX_DEFINITION_BYTES = 256 * 1024;

  @EJB Pipelines pipelines;
  @EJB Runs runs;
  @EJB StoredDefinitions stored;
  @Inject Caller caller;

  @GET
  public List<PipelineView> list() {
    Map<String, String> owners = stored.owners();
    return pipelines.all(caller.identity()).stream()
        .map(one -> PipelineView.of(one, null, owners.get(one.getAccountId())))
        .toList();
  }

  /** Makes a pipeline of JSON, or of its definition alone as YAML. */
  @POST
  @Consumes({APPLICATION_JSON, YAML})
  public Response create(InputStream body, @Context HttpHeaders headers, @Context UriInfo uri)
      throws IOException {
    PipelineForm sent = form(body, headers);
    if (sent.definition() == null) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "definition", "missing", "Give the definition of the pipeline");
    }
    Pipelines.Saved saved = pipelines.create(caller.identity(), sent.toWish());
    return Response.created(Bodies.relative(uri, saved.pipeline().getId()))
        .tag(ETags.of(saved.pipeline().getRowVersion()))
        .entity(view(saved, "Pipeline created"))
        .build();
  }

  private PipelineView view(Pipelines.Saved saved, String message) {
    Pipeline pipeline = saved.pipeline();
    return PipelineView.of(
        pipeline,
        pipelines.definitionOf(pipeline),
        stored.owners().get(pipeline.getAccountId()),
        saved.warnings(),
        message);
  }

  /** Reads a form of JSON, or of YAML, which is the definition alone. */
  private static PipelineForm form(InputStream body, HttpHeaders headers) throws IOException {
    byte[] bytes = body.readNBytes(MAX_DEFINITION_BYTES + 1);
    if (bytes.length > MAX_DEFINITION_BYTES) {
      throw new ProblemException(Problem.TOO_LARGE, "A definition has at most 256 KiB");
    }
    if (!headers.getMediaType().isCompatible(MediaType.valueOf(YAML))) {
      return Bodies.required(Json.read(bytes, PipelineForm.class));
    }
    try {
      JsonNode definition = YamlText.read(new String(bytes, StandardCharsets.UTF_8)).json();
      return new PipelineForm(definition, null, null);
    } catch (YamlException e) {
      throw new ProblemException(
          Problem.MALFORMED,
          e.line() == 0
              ? e.getMessage()
              : "Line %d, column %d: %s".formatted(e.line(), e.column(), e.getMessage()));
    }
  }

  /** The definition alone, as it can be sent again: YAML where that is asked for. */
  @GET
  @Path("{id}/definition")
  @Produces({APPLICATION_JSON, YAML})
  public Response definition(@PathParam("id") String id, @HeaderParam("Accept") String accept) {
    JsonNode definition = pipelines.definitionOf(pipelines.get(caller.identity(), id));
    return accept != null && accept.contains(YAML)
        ? Response.ok(YamlText.write(definition), YAML).build()
        : Response.ok(definition, APPLICATION_JSON).build();
  }

  /** JSON Schema 2020-12 of definitions, for editors. */
  @GET
  @Path("schema")
  public Response schema() {
    return Response.ok(DefinitionSchema.bytes(), APPLICATION_JSON).build();
  }

  @GET
  @Path("{id}")
  public Response get(@PathParam("id") String id) {
    Pipeline pipeline = pipelines.get(caller.identity(), id);
    return Response.ok(
            PipelineView.of(
                pipeline,
                pipelines.definitionOf(pipeline),
                stored.owners().get(pipeline.getAccountId())))
        .tag(ETags.of(pipeline.getRowVersion()))
        .build();
  }

  @PUT
  @Path("{id}")
  @Consumes({APPLICATION_JSON, YAML})
  public Response change(
      @PathParam("id") String id,
      InputStream body,
      @Context HttpHeaders headers,
      @HeaderParam("If-Match") String ifMatch)
      throws IOException {
    Pipelines.Saved saved =
        pipelines.change(
            caller.identity(), id, form(body, headers).toWish(), ETags.matching(ifMatch));
    return Response.ok(view(saved, "Pipeline saved"))
        .tag(ETags.of(saved.pipeline().getRowVersion()))
        .build();
  }

  /** Runs that have not ended keep it: 409, unless it is forced, which cancels them. */
  @DELETE
  @Path("{id}")
  public Done delete(@PathParam("id") String id, @QueryParam("force") String force) {
    boolean forced = Parameters.isTrue("force", force);
    if (forced) {
      cancelAll(id);
    }
    pipelines.delete(caller.identity(), id, forced);
    return new Done(id, "Pipeline deleted");
  }

  private void cancelAll(String id) {
    if (!Pipelines.mayChange(caller.identity(), pipelines.get(caller.identity(), id))) {
      return;
    }
    for (RunStatus status :
        List.of(RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING, RunStatus.IN_DOUBT)) {
      RunStore.Filter filter = new RunStore.Filter(id, null, status, null);
      for (RunStore.Row row : runs.list(caller.identity(), filter, PipelineLimits.QUEUED)) {
        runs.cancel(caller.identity(), row.facts().id());
      }
    }
  }

  @GET
  @Path("{id}/revisions")
  public List<RevisionView> revisions(@PathParam("id") String id) {
    return pipelines.revisions(caller.identity(), id).stream()
        .map(one -> RevisionView.of(one, false))
        .toList();
  }

  @GET
  @Path("{id}/revisions/{revision}")
  public RevisionView revision(@PathParam("id") String id, @PathParam("revision") String revision) {
    return RevisionView.of(pipelines.revision(caller.identity(), id, number(revision)), true);
  }

  private static int number(String text) {
    if (!text.matches("[0-9]{1,9}")) {
      throw ProblemException.notFound("revision");
    }
    return Integer.parseInt(text);
  }

  /** What a definition is checked for, before it is saved. */
  public record Unchecked(JsonNode definition) {}

  /** What is wrong with a definition. */
  public record Findings(boolean valid, List<PipelineView.FindingView> findings) {}

  /** Tells what is wrong with a definition that need not be saved. */
  @POST
  @Path("validate")
  @Consumes(APPLICATION_JSON)
  public Findings validate(Unchecked sent) {
    JsonNode definition = Bodies.required(sent).definition();
    return findings(definition == null ? RunJson.object() : definition);
  }

  /** Tells what is wrong with the newest revision, or with the one that is sent. */
  @POST
  @Path("{id}/validate")
  public Findings validateSaved(@PathParam("id") String id, Unchecked sent) {
    Pipeline pipeline = pipelines.get(caller.identity(), id);
    return findings(
        sent == null || sent.definition() == null
            ? pipelines.definitionOf(pipeline)
            : sent.definition());
  }

  private Findings findings(JsonNode definition) {
    List<PipelineView.FindingView> found =
        pipelines.validate(caller.identity(), definition).stream()
            .map(PipelineView.FindingView::of)
            .toList();
    boolean valid = found.stream().allMatch(one -> one.severity().equals("warning"));
    return new Findings(valid, found);
  }

  /** Runs it: {@code {input, idempotency_key?}}, at most 32 MiB. */
  @POST
  @Path("{id}/runs")
  @Consumes(APPLICATION_JSON)
  public Response start(@PathParam("id") String id, InputStream body) throws IOException {
    ObjectNode sent = body(body);
    String key = null;
    JsonNode input = null;
    for (Map.Entry<String, JsonNode> member : sent.properties()) {
      switch (member.getKey()) {
        case "input" -> input = member.getValue();
        case "idempotency_key" ->
            key = member.getValue().isNull() ? null : member.getValue().asText();
        default ->
            throw ProblemException.of(
                Problem.UNKNOWN_FIELD,
                member.getKey(),
                "unknown_field",
                "A run is started with input and idempotency_key: put everything else into input");
      }
    }
    String kind = caller.identity().isPerson() ? "manual" : "api";
    String run = runs.start(caller.identity(), id, new RunStarts.Wish(input, key, kind, null));
    return Response.status(Response.Status.ACCEPTED)
        .location(URI.create("/api/v1/runs/" + run))
        .entity(RunView.of(runs.get(caller.identity(), run)))
        .build();
  }

  private static ObjectNode body(InputStream body) throws IOException {
    byte[] bytes = body.readNBytes(PipelineLimits.VALUE_BYTES + 1);
    if (bytes.length > PipelineLimits.VALUE_BYTES) {
      throw new ProblemException(Problem.TOO_LARGE, "The input of a run has at most 32 MiB");
    }
    try {
      if (bytes.length == 0) {
        return RunJson.object();
      }
      if (RunJson.read(bytes) instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException e) {
      // Answered below, without what was sent.
    }
    throw new ProblemException(Problem.MALFORMED, "Send a JSON object with input");
  }

  @GET
  @Path("{id}/runs")
  public Response runs(
      @PathParam("id") String id,
      @QueryParam("status") String status,
      @QueryParam("cursor") String cursor,
      @QueryParam("limit") String limit,
      @Context UriInfo uri) {
    String pipeline = pipelines.get(caller.identity(), id).getId();
    int size = Paging.limit(limit);
    RunStore.Filter filter =
        new RunStore.Filter(pipeline, null, RunCursor.status(status), RunCursor.read(cursor));
    return RunCursor.page(runs.list(caller.identity(), filter, size + 1), size, uri);
  }
}

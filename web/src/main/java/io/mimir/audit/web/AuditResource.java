package io.mimir.audit.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.audit.AuditEvent;
import io.mimir.audit.ChainHead;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditChecks;
import io.mimir.audit.service.AuditLog;
import io.mimir.audit.service.AuditLog.Filter;
import io.mimir.audit.service.ChangesJson;
import io.mimir.audit.service.ExportPage;
import io.mimir.audit.service.Verification;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.web.Paging;
import io.mimir.web.Parameters;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * What happened, for auditors: as a list, as a copy to be kept elsewhere, and whether it is whole.
 */
@Path("audit")
@RequestScoped
@Produces(APPLICATION_JSON)
public class AuditResource {

  private static final String LINES = "application/x-ndjson";

  @EJB AuditLog log;
  @EJB AuditChecks checks;

  /** What a client sees of an event. */
  public record AuditView(
      String id,
      Instant at,
      String actor,
      String address,
      String action,
      String target,
      String targetId,
      String targetName,
      String outcome,
      JsonNode changes,
      String requestId) {

    static AuditView of(AuditEvent event) {
      return new AuditView(
          event.getId(),
          event.getAt(),
          event.getActor(),
          event.getAddress(),
          event.getAction(),
          event.getTarget(),
          event.getTargetId(),
          event.getTargetName(),
          event.getOutcome(),
          ChangesJson.read(event.getChanges()),
          event.getRequestId());
    }
  }

  @GET
  public Response list(
      @QueryParam("actor") String actor,
      @QueryParam("action") String action,
      @QueryParam("target") String target,
      @QueryParam("outcome") String outcome,
      @QueryParam("from") String from,
      @QueryParam("to") String to,
      @QueryParam("cursor") String cursor,
      @QueryParam("limit") String limit,
      @Context UriInfo uri) {
    Filter filter =
        new Filter(
            Parameters.orNull(actor),
            Parameters.orNull(action),
            Parameters.orNull(target),
            outcome(outcome),
            Parameters.time(from, "from"),
            Parameters.time(to, "to"));
    int size = Paging.limit(limit);
    List<AuditView> found =
        log.find(filter, Parameters.orNull(cursor), size + 1).stream().map(AuditView::of).toList();
    return Paging.answer(found, size, AuditView::id, uri);
  }

  private static Outcome outcome(String text) {
    return Parameters.orNull(text) == null
        ? null
        : Outcome.ofWire(text.strip())
            .orElseThrow(
                () ->
                    ProblemException.of(
                        Problem.INVALID,
                        "outcome",
                        "unknown_value",
                        "Outcomes are success, failure and denied"));
  }

  /**
   * Finds out whether the log is as it was written.
   *
   * @param written ends of the chain that were written down elsewhere, and that it has to hold
   */
  @POST
  @Path("verify")
  public Verification verify(@QueryParam("head") List<String> written) {
    return checks.verify(written.stream().map(text -> head(text, "head")).toList());
  }

  /**
   * The log as JSON lines, oldest first, with what a verification of the copy needs.
   *
   * @param after the end of a copy that is to be continued
   */
  @GET
  @Path("export")
  @Produces({LINES, APPLICATION_JSON})
  public Response export(@QueryParam("after") String after) {
    ChainHead begin = Parameters.orNull(after) == null ? null : head(after, "after");
    checks.noteExport();
    ExportPage first = checks.export(begin);
    StreamingOutput lines =
        out -> {
          write(first, out);
          for (ExportPage page = first; page.next() != null; ) {
            page = checks.export(page.next());
            write(page, out);
          }
        };
    return Response.ok(lines)
        .header("Content-Type", LINES)
        .header("Content-Disposition", "attachment; filename=\"mimir-audit.ndjson\"")
        .build();
  }

  private static void write(ExportPage page, OutputStream out) throws IOException {
    for (String line : page.lines()) {
      out.write(line.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static ChainHead head(String text, String field) {
    return ChainHead.parse(text)
        .orElseThrow(
            () ->
                ProblemException.of(
                    Problem.INVALID,
                    field,
                    "invalid",
                    "Use an end of the chain as a verification tells it: node/position/seal"));
  }
}

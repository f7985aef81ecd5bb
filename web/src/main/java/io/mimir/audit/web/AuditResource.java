package io.mimir.audit.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.service.AuditLog;
import io.mimir.audit.service.AuditLog.Filter;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.web.Paging;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;

/** What happened, for auditors. */
@Path("audit")
@RequestScoped
@Produces(APPLICATION_JSON)
public class AuditResource {

  @EJB AuditLog log;

  /** What a client sees of an event. */
  public record AuditView(
      String id,
      Instant at,
      String actor,
      String address,
      String action,
      String target,
      String outcome,
      String requestId) {

    static AuditView of(AuditEvent event) {
      return new AuditView(
          event.getId(),
          event.getAt(),
          event.getActor(),
          event.getAddress(),
          event.getAction(),
          event.getTarget(),
          event.getOutcome(),
          event.getRequestId());
    }
  }

  @GET
  public Response list(
      @QueryParam("actor") String actor,
      @QueryParam("action") String action,
      @QueryParam("target") String target,
      @QueryParam("from") String from,
      @QueryParam("to") String to,
      @QueryParam("cursor") String cursor,
      @QueryParam("limit") String limit,
      @Context UriInfo uri) {
    Filter filter =
        new Filter(blank(actor), blank(action), blank(target), time(from, "from"), time(to, "to"));
    int size = Paging.limit(limit);
    List<AuditView> found =
        log.find(filter, blank(cursor), size + 1).stream().map(AuditView::of).toList();
    return Paging.answer(found, size, AuditView::id, uri);
  }

  private static String blank(String text) {
    return text == null || text.isBlank() ? null : text;
  }

  private static Instant time(String text, String name) {
    try {
      return blank(text) == null ? null : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw ProblemException.of(
          Problem.INVALID, name, "wrong_type", "Use a time such as 2026-01-31T08:00:00Z");
    }
  }
}

package io.mimir.audit.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.service.AuditLog;
import io.mimir.audit.service.AuditLog.Filter;
import io.mimir.web.Paging;
import io.mimir.web.Parameters;
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
        new Filter(
            Parameters.orNull(actor),
            Parameters.orNull(action),
            Parameters.orNull(target),
            Parameters.time(from, "from"),
            Parameters.time(to, "to"));
    int size = Paging.limit(limit);
    List<AuditView> found =
        log.find(filter, Parameters.orNull(cursor), size + 1).stream().map(AuditView::of).toList();
    return Paging.answer(found, size, AuditView::id, uri);
  }
}

package io.mimir.web.app;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.lifecycle.service.HealthCheck.Finding;
import io.mimir.lifecycle.service.ServerStatus;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** How the server is, for administrators and for those who watch it. */
@Path("status")
@RequestScoped
@Produces(APPLICATION_JSON)
public class StatusResource {

  @Inject ServerStatus status;

  /**
   * The whole.
   *
   * @param status {@code ok}, {@code degraded}, {@code starting} or {@code draining}
   */
  public record StatusView(String status, List<CheckView> checks) {}

  /**
   * One thing that the server needs.
   *
   * @param status {@code ok}, {@code degraded} or {@code down}
   * @param reason for people; null when nothing is wrong
   * @param since when it became so; null when it has been well since the start
   */
  public record CheckView(String name, String status, String reason, Instant since) {

    private static CheckView of(Finding finding) {
      return new CheckView(
          finding.name(),
          finding.level().name().toLowerCase(Locale.ROOT),
          finding.reason(),
          finding.since());
    }
  }

  /** Returns the whole, with what is worst first. */
  @GET
  public StatusView status() {
    List<Finding> findings = status.findings();
    return new StatusView(status.word(findings), findings.stream().map(CheckView::of).toList());
  }
}

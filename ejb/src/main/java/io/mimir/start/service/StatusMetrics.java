package io.mimir.start.service;

import io.mimir.lifecycle.service.HealthCheck.Finding;
import io.mimir.lifecycle.service.HealthCheck.Level;
import io.mimir.lifecycle.service.ServerStatus;
import io.mimir.metrics.service.MetricsSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** How the server is, as numbers to be alarmed by. */
@ApplicationScoped
public class StatusMetrics implements MetricsSource {

  @Inject ServerStatus status;

  @Override
  public void report(Sink sink) {
    sink.gauge("mimir_ready", "Whether calls of the gateway are served.", bit(status.isReady()));
    for (Finding finding : status.findings()) {
      sink.gauge(
          "mimir_check_ok",
          "Whether what the server needs is well; GET /api/v1/status says why not.",
          bit(finding.level() == Level.OK),
          "check",
          finding.name());
    }
  }

  private static double bit(boolean on) {
    return on ? 1 : 0;
  }
}

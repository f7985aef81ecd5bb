package io.mimir.lifecycle.service;

import io.mimir.lifecycle.service.HealthCheck.Finding;
import io.mimir.lifecycle.service.HealthCheck.Level;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.Comparator;
import java.util.List;

/** How the server is, for load balancers, for administrators and for those who watch numbers. */
@ApplicationScoped
public class ServerStatus {

  @Inject Readiness readiness;
  @Inject @Any Instance<HealthCheck> checks;

  /** Returns what all checks find, the worst first. */
  public List<Finding> findings() {
    return checks.stream()
        .map(HealthCheck::finding)
        .sorted(Comparator.comparing(Finding::level).reversed().thenComparing(Finding::name))
        .toList();
  }

  /** Tells whether calls of the gateway are served here, and should be sent here. */
  public boolean isReady() {
    return readiness.isReady() && findings().stream().noneMatch(each -> each.level() == Level.DOWN);
  }

  /**
   * Returns the one word for all of it: {@code starting}, {@code draining}, {@code degraded} or
   * {@code ok}.
   */
  public String word(List<Finding> findings) {
    return switch (readiness.phase()) {
      case STARTING -> "starting";
      case SERVING ->
          findings.stream().allMatch(each -> each.level() == Level.OK) ? "ok" : "degraded";
      case WITHDRAWING, DRAINING, STOPPED -> "draining";
    };
  }
}

package io.mimir.audit.service;

import static jakarta.enterprise.event.TransactionPhase.AFTER_SUCCESS;

import io.mimir.audit.Outcome;
import io.mimir.metrics.service.MetricsSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** How many events the audit log has got since the start, by how they went. */
@ApplicationScoped
public class AuditMetrics implements MetricsSource {

  private final Map<Outcome, LongAdder> counts = new EnumMap<>(Outcome.class);

  public AuditMetrics() {
    for (Outcome outcome : Outcome.values()) {
      counts.put(outcome, new LongAdder());
    }
  }

  void written(@Observes(during = AFTER_SUCCESS) Outcome outcome) {
    counts.get(outcome).increment();
  }

  @Override
  public void report(Sink sink) {
    counts.forEach(
        (outcome, count) ->
            sink.counter(
                "mimir_audit_events_total",
                "Events in the audit log, by how they went.",
                count.sum(),
                "outcome",
                outcome.name().toLowerCase(Locale.ROOT)));
  }
}

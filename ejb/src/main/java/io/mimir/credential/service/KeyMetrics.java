package io.mimir.credential.service;

import io.mimir.metrics.service.MetricsSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;

/** What is measured of each active key. */
@ApplicationScoped
public class KeyMetrics implements MetricsSource {

  @Inject RoutingTableLoader loader;

  @Override
  public void report(Sink sink) {
    long nanos = System.nanoTime();
    for (RoutableKey key : loader.table().keys()) {
      KeyRuntime runtime = key.runtime();
      String[] labels = {"key", key.id(), "provider", key.provider().wire()};
      Duration pause = runtime.health.pause(nanos);
      sink.gauge(
          "mimir_key_usable",
          "Whether calls are made with the key: 0 while it is left alone.",
          pause.isZero() ? 1 : 0,
          labels);
      sink.gauge(
          "mimir_key_pause_seconds",
          "For how long the key is left alone yet.",
          pause.toMillis() / 1000.0,
          labels);
      sink.gauge(
          "mimir_key_concurrent_calls",
          "Calls of models that are being made with the key.",
          runtime.concurrent.get(),
          labels);
      sink.counter(
          "mimir_key_failures_total",
          "Calls that failed at the provider or on the way to it.",
          runtime.failures.sum(),
          labels);
    }
  }
}

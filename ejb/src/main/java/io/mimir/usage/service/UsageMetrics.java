package io.mimir.usage.service;

import io.mimir.metrics.service.MetricsSource;
import io.mimir.usage.LatencyHistogram;
import io.mimir.usage.Usage;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Collection;
import java.util.List;

/** The calls of models and their tokens, by key and model, counted since the start. */
@ApplicationScoped
public class UsageMetrics implements MetricsSource {

  private static final double MILLIS = 1000;

  private static final List<Double> BOUNDS_SECONDS =
      LatencyHistogram.BOUNDS_MS.stream().map(bound -> bound / MILLIS).toList();

  @Inject UsageMeter meter;

  @Override
  public void report(Sink sink) {
    requests(meter.sinceStart(), sink);
  }

  static void requests(Collection<Usage> sums, Sink sink) {
    for (Usage usage : sums) {
      String key = usage.cell().keyId();
      String model = usage.cell().model();
      String requests = "mimir_requests_total";
      String help = "Calls of models by key, model and outcome.";
      long good = Math.max(0, usage.requests() - usage.errors());
      sink.counter(requests, help, good, "key", key, "model", model, "outcome", "success");
      sink.counter(requests, help, usage.errors(), "key", key, "model", model, "outcome", "error");
      sink.counter(
          "mimir_estimated_requests_total",
          "Calls of which the provider did not tell all tokens, so that they are estimated.",
          usage.estimated(),
          "key",
          key,
          "model",
          model);
      String tokens = "mimir_tokens_total";
      String counted = "Tokens as providers count them, or as they are estimated.";
      sink.counter(
          tokens, counted, usage.inputTokens(), "key", key, "model", model, "direction", "input");
      sink.counter(
          tokens, counted, usage.outputTokens(), "key", key, "model", model, "direction", "output");
      sink.histogram(
          "mimir_request_seconds",
          "How long calls of models took.",
          BOUNDS_SECONDS,
          usage.latency().counts(),
          usage.latencyMs() / MILLIS,
          "key",
          key,
          "model",
          model);
    }
  }
}

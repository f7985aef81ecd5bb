package io.mimir.usage.service;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.usage.Usage;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.Collection;

/** All numbers of this process for Prometheus, counted since its start. */
@ApplicationScoped
public class Metrics {

  /** How {@link #text} is written. */
  public static final String MEDIA_TYPE = PrometheusText.MEDIA_TYPE;

  private static final System.Logger LOG = System.getLogger(Metrics.class.getName());
  private static final double MILLIS = 1000;

  @Inject UsageMeter meter;
  @Inject @Any Instance<MetricsSource> sources;

  public String text() {
    PrometheusText text = new PrometheusText();
    requests(meter.sinceStart(), text);
    for (MetricsSource each : sources) {
      try {
        each.report(text);
      } catch (RuntimeException e) {
        // The other numbers are worth no less.
        LOG.log(WARNING, "Some numbers could not be told", e);
      }
    }
    return text.toString();
  }

  static void requests(Collection<Usage> sums, PrometheusText text) {
    for (Usage usage : sums) {
      String key = usage.cell().keyId();
      String model = usage.cell().model();
      String requests = "mimir_requests_total";
      String help = "Calls of models by key, model and outcome.";
      long good = Math.max(0, usage.requests() - usage.errors());
      text.counter(requests, help, good, "key", key, "model", model, "outcome", "success");
      text.counter(requests, help, usage.errors(), "key", key, "model", model, "outcome", "error");
      String tokens = "mimir_tokens_total";
      String counted = "Tokens as providers count them.";
      text.counter(
          tokens, counted, usage.inputTokens(), "key", key, "model", model, "direction", "input");
      text.counter(
          tokens, counted, usage.outputTokens(), "key", key, "model", model, "direction", "output");
      text.summary(
          "mimir_request_seconds",
          "How long calls of models took.",
          usage.latencyMs() / MILLIS,
          usage.requests(),
          "key",
          key,
          "model",
          model);
    }
  }
}

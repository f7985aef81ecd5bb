package io.mimir.metrics.service;

import static java.lang.System.Logger.Level.WARNING;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;

/** All numbers of this process for Prometheus, counted since its start. */
@ApplicationScoped
public class Metrics {

  /** How {@link #text} is written. */
  public static final String MEDIA_TYPE = PrometheusText.MEDIA_TYPE;

  private static final System.Logger LOG = System.getLogger(Metrics.class.getName());

  @Inject @Any Instance<MetricsSource> sources;

  /** Returns all of them, in the text format of Prometheus. */
  public String text() {
    PrometheusText text = new PrometheusText();
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
}

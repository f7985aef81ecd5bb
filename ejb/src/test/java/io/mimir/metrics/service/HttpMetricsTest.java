package io.mimir.metrics.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HttpMetricsTest {

  private static final String NAME = "mimir_http_request_duration_seconds";

  private final HttpMetrics metrics = new HttpMetrics();

  private Exposition told() {
    PrometheusText text = new PrometheusText();
    metrics.report(text);
    return Exposition.of(text.toString());
  }

  @Test
  void requestsAreToldApartByRouteMethodAndClassOfStatus() {
    metrics.of("/a/{id}").record("GET", 200, TimeUnit.MILLISECONDS.toNanos(7));
    metrics.of("/a/{id}").record("GET", 204, TimeUnit.MILLISECONDS.toNanos(700));
    metrics.of("/a/{id}").record("GET", 404, 1);
    metrics.of("/b").record("BREW", 999, TimeUnit.HOURS.toNanos(1));

    Exposition told = told();

    assertThat(told.value(NAME, "route", "/a/{id}", "method", "GET", "status", "2xx")).isEqualTo(2);
    assertThat(told.value(NAME, "route", "/a/{id}", "method", "GET", "status", "4xx")).isEqualTo(1);
    assertThat(told.value(NAME, "route", "/b", "method", "other", "status", "5xx")).isEqualTo(1);
    assertThat(told.families().get(NAME).series()).hasSize(3);
  }

  @Test
  void aDurationCountsInTheFirstBucketThatItDoesNotExceed() {
    Histogram histogram = new Histogram();
    histogram.record(TimeUnit.MILLISECONDS.toNanos(5));
    histogram.record(TimeUnit.MILLISECONDS.toNanos(5) + 1);
    PrometheusText text = new PrometheusText();
    histogram.report(text, "mimir_x_seconds", "X.");

    assertThat(text.toString())
        .contains("mimir_x_seconds_bucket{le=\"0.005\"} 1\n")
        .contains("mimir_x_seconds_bucket{le=\"0.01\"} 2\n")
        .contains("mimir_x_seconds_bucket{le=\"300\"} 2\n")
        .contains("mimir_x_seconds_sum 0.010000001\n");
    Exposition.of(text.toString());
  }

  /** The gateway counts each of its calls. */
  @Test
  void countingMakesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 1_000; i++) {
      metrics.of("/v1/chat/completions").record("POST", 200, i);
    }
    long id = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(id);
    for (int i = 0; i < 10_000; i++) {
      metrics.of("/v1/chat/completions").record("POST", 200, i);
    }

    assertThat(threads.getThreadAllocatedBytes(id) - before).isLessThan(10_000);
  }
}

package io.mimir.usage.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.metrics.service.PrometheusText;
import io.mimir.usage.LatencyHistogram;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import java.util.List;
import org.junit.jupiter.api.Test;

class UsageMetricsTest {

  @Test
  void callsAreToldByKeyModelAndOutcome() {
    PrometheusText text = new PrometheusText();
    UsageMetrics.requests(
        List.of(
            new Usage(
                UsageCell.of("key_1", "m"),
                10,
                3,
                5,
                6,
                2,
                1,
                2500,
                LatencyHistogram.of(1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))),
        text);

    assertThat(text.toString().lines().filter(line -> !line.startsWith("#")))
        .containsExactly(
            "mimir_requests_total{key=\"key_1\",model=\"m\",outcome=\"success\"} 7",
            "mimir_requests_total{key=\"key_1\",model=\"m\",outcome=\"error\"} 3",
            "mimir_estimated_requests_total{key=\"key_1\",model=\"m\"} 2",
            "mimir_tokens_total{key=\"key_1\",model=\"m\",direction=\"input\"} 5",
            "mimir_tokens_total{key=\"key_1\",model=\"m\",direction=\"output\"} 6",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"0.01\"} 1",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"0.025\"} 1",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"0.05\"} 1",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"0.1\"} 1",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"0.25\"} 9",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"0.5\"} 9",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"1\"} 9",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"2.5\"} 9",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"5\"} 9",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"10\"} 9",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"20\"} 9",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"30\"} 9",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"60\"} 9",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"120\"} 9",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"300\"} 9",
            "mimir_request_seconds_bucket{key=\"key_1\",model=\"m\",le=\"+Inf\"} 10",
            "mimir_request_seconds_sum{key=\"key_1\",model=\"m\"} 2.5",
            "mimir_request_seconds_count{key=\"key_1\",model=\"m\"} 10");
  }
}

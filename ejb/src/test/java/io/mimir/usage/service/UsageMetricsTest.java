package io.mimir.usage.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.metrics.service.PrometheusText;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import java.util.List;
import org.junit.jupiter.api.Test;

class UsageMetricsTest {

  @Test
  void callsAreToldByKeyModelAndOutcome() {
    PrometheusText text = new PrometheusText();
    UsageMetrics.requests(
        List.of(new Usage(new UsageCell(null, "key_1", null, "m"), 10, 3, 5, 6, 2500)), text);

    assertThat(text.toString().lines().filter(line -> !line.startsWith("#")))
        .containsExactly(
            "mimir_requests_total{key=\"key_1\",model=\"m\",outcome=\"success\"} 7",
            "mimir_requests_total{key=\"key_1\",model=\"m\",outcome=\"error\"} 3",
            "mimir_tokens_total{key=\"key_1\",model=\"m\",direction=\"input\"} 5",
            "mimir_tokens_total{key=\"key_1\",model=\"m\",direction=\"output\"} 6",
            "mimir_request_seconds_sum{key=\"key_1\",model=\"m\"} 2.5",
            "mimir_request_seconds_count{key=\"key_1\",model=\"m\"} 10");
  }
}

package io.mimir.usage.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {

  @Test
  void aFamilyIsNamedOnceHoweverItsSamplesCome() {
    PrometheusText text = new PrometheusText();
    text.gauge("mimir_a", "One.", 1.5);
    text.counter("mimir_b_total", "Two.", 7, "key", "k");
    text.gauge("mimir_a", "One.", 3, "x", "y", "z", "w");

    assertThat(text)
        .hasToString(
            """
            # HELP mimir_a One.
            # TYPE mimir_a gauge
            mimir_a 1.5
            mimir_a{x="y",z="w"} 3
            # HELP mimir_b_total Two.
            # TYPE mimir_b_total counter
            mimir_b_total{key="k"} 7
            """);
  }

  @Test
  void noValueOfALabelEndsItsLine() {
    PrometheusText text = new PrometheusText();
    text.gauge("mimir_a", "A \\ and\na line.", 0, "model", "a\"b\\c\nd");

    assertThat(text)
        .hasToString(
            """
            # HELP mimir_a A \\\\ and\\na line.
            # TYPE mimir_a gauge
            mimir_a{model="a\\"b\\\\c\\nd"} 0
            """);
  }

  @Test
  void callsAreToldByKeyModelAndOutcome() {
    PrometheusText text = new PrometheusText();
    Metrics.requests(
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

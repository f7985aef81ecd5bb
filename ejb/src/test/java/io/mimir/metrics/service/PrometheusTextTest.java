package io.mimir.metrics.service;

import static org.assertj.core.api.Assertions.assertThat;

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
}

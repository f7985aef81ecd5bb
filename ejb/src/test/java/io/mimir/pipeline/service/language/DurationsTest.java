package io.mimir.pipeline.service.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

  @ParameterizedTest
  @CsvSource({"90s,90000", "10m,600000", "1h30m,5400000", "500ms,500", "2d,172800000", "0s,0"})
  void durationsAreReadAsPeopleWriteThem(String text, long millis) {
    assertThat(Durations.read(text)).contains(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "90", "1.5h", "-1s", "1s1m", "1m 1s", "PT1M", "1y", "s", "9999999999s", "1S"})
  void anythingElseIsNoDuration(String text) {
    assertThat(Durations.read(text)).isEmpty();
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    Random random = new Random(7);
    for (int i = 0; i < 1_000; i++) {
      Duration duration = Duration.ofMillis(random.nextLong(400L * 24 * 3600 * 1000));
      assertThat(Durations.read(Durations.write(duration))).contains(duration);
    }
    assertThat(Durations.write(Duration.ofMinutes(90))).isEqualTo("1h30m");
    assertThat(Durations.write(Duration.ZERO)).isEqualTo("0s");
  }
}

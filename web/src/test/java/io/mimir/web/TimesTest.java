package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimesTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  @AfterEach
  void speakNothing() {
    Languages.speak(null);
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, just now",
    "PT59S, just now",
    "PT1M, 1 minute ago",
    "PT59M, 59 minutes ago",
    "PT1H, 1 hour ago",
    "PT23H59M, 23 hours ago",
    "PT24H, yesterday",
    "P30D, 30 days ago",
    "P31D, 23 Oct 2026",
    "-PT30S, in a moment",
    "-PT2M, in 2 minutes",
    "-P1D, in 1 day",
    "-P90D, 21 Feb 2027"
  })
  void saysHowLongAgoOrAheadSomethingIs(Duration ago, String words) {
    assertThat(Times.relative(NOW.minus(ago), NOW)).isEqualTo(words);
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, gerade eben",
    "PT1M, vor 1 Minute",
    "PT2H, vor 2 Stunden",
    "PT24H, gestern",
    "P31D, 23. Okt. 2026",
    "-PT30S, gleich",
    "-P1D, in 1 Tag",
    "-P99D, 2. März 2027"
  })
  void saysItInGermanToo(Duration ago, String words) {
    Languages.speak(Locale.GERMAN);

    assertThat(Times.relative(NOW.minus(ago), NOW)).isEqualTo(words);
  }

  @Test
  void saysTheExactTimeInUtc() {
    assertThat(Times.exact(NOW.plusMillis(123))).isEqualTo("2026-11-23 12:00:00 UTC");
  }
}

package io.mimir.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateWindowTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final RateWindow window = new RateWindow();

  @Test
  void lendsAsManyAsTheLimitWithinAMinute() {
    for (int i = 0; i < 3; i++) {
      assertThat(window.tryTake(3, i * SECOND)).isTrue();
    }

    assertThat(window.tryTake(3, 3 * SECOND)).isFalse();
    assertThat(window.waitFor(3, 3 * SECOND)).isEqualTo(Duration.ofSeconds(57));
  }

  @Test
  void hasRoomAgainAMinuteAfterTheFirst() {
    window.tryTake(1, 0);

    assertThat(window.tryTake(1, 60 * SECOND - 1)).isFalse();
    assertThat(window.tryTake(1, 60 * SECOND)).isTrue();
  }

  @Test
  void aClockThatStartsBelowZeroIsFine() {
    long start = Long.MIN_VALUE + 5;
    assertThat(window.tryTake(1, start)).isTrue();
    assertThat(window.tryTake(1, start + SECOND)).isFalse();
    assertThat(window.tryTake(1, start + 60 * SECOND)).isTrue();
  }
}

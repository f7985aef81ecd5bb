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

  @Test
  void manyAreRememberedInTheOrderInWhichTheyCame() {
    for (int i = 0; i < 10; i++) {
      window.tryTake(100, i * SECOND);
    }
    assertThat(window.room(100, 65 * SECOND)).isEqualTo(96);
    for (int i = 0; i < 40; i++) {
      assertThat(window.tryTake(100, 65 * SECOND)).isTrue();
    }

    assertThat(window.room(100, 65 * SECOND)).isEqualTo(56);
    assertThat(window.waitFor(44, 65 * SECOND)).isEqualTo(Duration.ofSeconds(1));
    assertThat(window.room(100, 69 * SECOND)).isEqualTo(60);
    assertThat(window.room(100, 125 * SECOND - 1)).isEqualTo(60);
    assertThat(window.room(100, 125 * SECOND)).isEqualTo(100);
  }

  @Test
  void whatWasGivenBackIsFreeAgain() {
    window.giveBack();
    assertThat(window.room(2, 0)).isEqualTo(2);
    window.tryTake(2, 0);
    window.tryTake(2, SECOND);
    assertThat(window.room(2, SECOND)).isZero();
    assertThat(window.room(1, SECOND)).isZero();

    window.giveBack();

    assertThat(window.room(2, SECOND)).isEqualTo(1);
    assertThat(window.waitFor(2, SECOND)).isZero();
    assertThat(window.waitFor(1, SECOND)).isEqualTo(Duration.ofSeconds(59));
  }
}

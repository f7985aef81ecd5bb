package io.mimir.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenWindowTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final TokenWindow window = new TokenWindow();

  @Test
  void lendsTokensUpToTheLimitOfAMinute() {
    assertThat(window.tryTake(100, 60, 0)).isTrue();
    assertThat(window.tryTake(100, 40, SECOND)).isTrue();

    assertThat(window.tryTake(100, 1, 2 * SECOND)).isFalse();
  }

  @Test
  void answersCountAfterwards() {
    window.tryTake(100, 10, 0);
    window.add(90, SECOND);

    assertThat(window.tryTake(100, 1, 2 * SECOND)).isFalse();
  }

  @Test
  void hasRoomAgainWhenTheMinuteIsOver() {
    window.tryTake(100, 100, 0);

    assertThat(window.tryTake(100, 1, 60 * SECOND)).as("to the second").isFalse();
    assertThat(window.tryTake(100, 1, 61 * SECOND)).isTrue();
  }

  @Test
  void tellsHowLongToWait() {
    window.tryTake(100, 50, 0);
    window.add(50, 30 * SECOND);

    assertThat(window.waitFor(100, 10, 31 * SECOND)).isEqualTo(Duration.ofSeconds(30));
    assertThat(window.tryTake(100, 10, 61 * SECOND)).isTrue();
  }

  @Test
  void aQuestionThatIsLargerThanTheLimitIsLetInWhenTheMinuteIsEmpty() {
    assertThat(window.tryTake(100, 500, 0)).isTrue();
    assertThat(window.tryTake(100, 1, SECOND)).isFalse();
  }

  @Test
  void aLongSilenceForgetsEverything() {
    window.tryTake(100, 100, 0);

    assertThat(window.tryTake(100, 100, 5000 * SECOND)).isTrue();
    assertThat(window.waitFor(100, 1, 5000 * SECOND)).isEqualTo(Duration.ofSeconds(61));
  }
}

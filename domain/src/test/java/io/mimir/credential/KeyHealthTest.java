package io.mimir.credential;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class KeyHealthTest {

  private final KeyHealth health = new KeyHealth();

  private static LlmException failure(CallOutcome reason) {
    return new LlmException(reason, "failed");
  }

  @Test
  void aRefusedKeyIsLeftAloneForAMinuteAndThenTriedAgain() {
    health.failed(failure(CallOutcome.AUTH_FAILED), 0);

    assertThat(health.pause(0)).isEqualTo(Duration.ofMinutes(1));
    assertThat(health.isFailing()).isTrue();
    assertThat(health.pause(Duration.ofMinutes(1).toNanos())).isZero();
  }

  @Test
  void aBusyProviderIsLeftAloneForAsLongAsItAsks() {
    health.failed(
        new LlmException(CallOutcome.RATE_LIMITED, 429, "busy", Duration.ofSeconds(17)), 0);

    assertThat(health.pause(0)).isEqualTo(Duration.ofSeconds(17));
    assertThat(health.isLimited()).isTrue();
    assertThat(health.isFailing()).isFalse();
  }

  @Test
  void aQuestionThatTheProviderRefusesDoesNotCostTheKeyAPause() {
    health.failed(new LlmException(CallOutcome.UPSTREAM_ERROR, 400, "too long", null), 0);

    assertThat(health.pause(0)).isZero();
    assertThat(health.isFailing()).isFalse();
  }

  @Test
  void aWishOfDaysIsNotFollowed() {
    health.failed(new LlmException(CallOutcome.RATE_LIMITED, 429, "busy", Duration.ofDays(3)), 0);

    assertThat(health.pause(0)).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void theNextFailureDoublesThePauseUpToAMinute() {
    health.failed(failure(CallOutcome.UPSTREAM_ERROR), 0);
    assertThat(health.pause(0)).isEqualTo(Duration.ofSeconds(1));
    health.failed(failure(CallOutcome.UPSTREAM_ERROR), 0);
    assertThat(health.pause(0)).isEqualTo(Duration.ofSeconds(2));
    long later = 0;
    for (int i = 0; i < 20; i++) {
      later += Duration.ofMinutes(2).toNanos();
      health.failed(failure(CallOutcome.UPSTREAM_ERROR), later);
    }
    assertThat(health.pause(later)).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void callsThatFailTogetherCountAsOne() {
    for (int i = 0; i < 100; i++) {
      health.failed(failure(CallOutcome.UPSTREAM_ERROR), 0);
    }

    assertThat(health.pause(0)).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void afterThePauseOneCallTriesAndTheOthersWait() {
    health.failed(failure(CallOutcome.AUTH_FAILED), 0);
    long later = Duration.ofMinutes(1).toNanos();

    assertThat(health.admits(later - 1)).isFalse();
    assertThat(health.admits(later)).isTrue();
    assertThat(health.admits(later)).isFalse();
    health.succeeded();
    assertThat(health.admits(later)).isTrue();
    assertThat(health.admits(later)).isTrue();
  }

  @Test
  void aTrialThatFailsPausesAgain() {
    health.failed(failure(CallOutcome.AUTH_FAILED), 0);
    long later = Duration.ofMinutes(1).toNanos();
    assertThat(health.admits(later)).isTrue();

    health.failed(failure(CallOutcome.AUTH_FAILED), later);

    assertThat(health.admits(later + 1)).isFalse();
    assertThat(health.pause(later)).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void afterALimitAllCallsGoOn() {
    health.failed(
        new LlmException(CallOutcome.RATE_LIMITED, 429, "busy", Duration.ofSeconds(1)), 0);
    long later = Duration.ofSeconds(1).toNanos();

    assertThat(health.admits(later)).isTrue();
    assertThat(health.admits(later)).isTrue();
  }

  @Test
  void successClearsEverything() {
    health.failed(failure(CallOutcome.AUTH_FAILED), 0);
    health.succeeded();

    assertThat(health.pause(0)).isZero();
    assertThat(health.isFailing()).isFalse();
  }

  @Test
  void anUnknownModelIsNoFaultOfTheKey() {
    health.failed(failure(CallOutcome.NOT_FOUND), 0);

    assertThat(health.pause(0)).isZero();
    assertThat(health.isFailing()).isFalse();
  }
}

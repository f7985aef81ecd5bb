package io.mimir.credential;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.credential.KeyHealth.Standing;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.FailureOwner;
import io.mimir.llm.LlmException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class KeyHealthTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final KeyHealth health = new KeyHealth();

  private static LlmException failure(CallOutcome reason, int status) {
    return new LlmException(reason, status, "failed", null);
  }

  private static LlmException of(FailureOwner owner, Duration retryAfter) {
    return new LlmException(CallOutcome.RATE_LIMITED, owner, 429, "failed", retryAfter);
  }

  private Standing standing(String model, long nanos) {
    return health.standing(model, nanos);
  }

  @Test
  void aKeyOfWhichNothingIsKnownIsReady() {
    assertThat(standing("m1", 0)).isEqualTo(Standing.READY);
    assertThat(health.trouble()).isNull();
  }

  @Test
  void aRefusedKeyPausesForAllModelsAndLongerEachTime() {
    health.failed(failure(CallOutcome.AUTH_FAILED, 401), "m1", 1, 0);

    assertThat(standing("m1", 0)).isEqualTo(Standing.PAUSED);
    assertThat(standing("m2", 0)).isEqualTo(Standing.PAUSED);
    assertThat(health.isFailing(0)).isTrue();
    Duration first = health.pause(0);
    long later = first.toNanos();
    assertThat(standing("m1", later)).isEqualTo(Standing.READY);
    health.failed(failure(CallOutcome.AUTH_FAILED, 401), "m1", 1, later);
    assertThat(health.pause(later)).isGreaterThan(first);
    for (int i = 0; i < 20; i++) {
      later += 2 * MINUTE;
      health.failed(failure(CallOutcome.AUTH_FAILED, 401), "m1", 1, later);
    }
    assertThat(health.pause(later)).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void aModelThatTheProviderDoesNotKnowPausesAloneAtThisKey() {
    health.failed(failure(CallOutcome.NOT_FOUND, 404), "m2", 1, 0);

    assertThat(standing("m2", 0)).isEqualTo(Standing.PAUSED);
    assertThat(health.pauseReason("m2", 0)).isEqualTo(CallOutcome.NOT_FOUND);
    assertThat(standing("m1", 0)).isEqualTo(Standing.READY);
    assertThat(health.isFailing(0)).isFalse();
  }

  @Test
  void aModelThatTheKeyMayNotUsePausesAlone() {
    health.failed(
        new LlmException(CallOutcome.FORBIDDEN, FailureOwner.MODEL, 403, "no access", null),
        "m2",
        1,
        0);

    assertThat(standing("m2", 0)).isEqualTo(Standing.PAUSED);
    assertThat(standing("m1", 0)).isEqualTo(Standing.READY);
  }

  @Test
  void aLimitOfOneModelIsFollowedForThatModelOnly() {
    health.failed(of(FailureOwner.MODEL, Duration.ofSeconds(17)), "m2", 1, 0);

    assertThat(health.pause("m2", 0)).isEqualTo(Duration.ofSeconds(17));
    assertThat(health.pause("m1", 0)).isZero();
    assertThat(standing("m2", 17 * SECOND)).isEqualTo(Standing.READY);
  }

  @Test
  void aLimitOfTheAccountPausesTheKeyAndIsNoFault() {
    health.failed(of(FailureOwner.KEY, Duration.ofSeconds(17)), "m2", 1, 0);

    assertThat(health.pause("m1", 0)).isEqualTo(Duration.ofSeconds(17));
    assertThat(health.isFailing(0)).isFalse();
  }

  @Test
  void aWishOfDaysIsNotFollowed() {
    health.failed(of(FailureOwner.KEY, Duration.ofDays(3)), "m", 1, 0);

    assertThat(health.pause(0)).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void aQuestionThatTheProviderRefusesCostsNothing() {
    health.failed(failure(CallOutcome.UPSTREAM_ERROR, 400), "m", 1, 0);

    assertThat(standing("m", 0)).isEqualTo(Standing.READY);
    assertThat(health.trouble()).isNull();
  }

  @Test
  void oneQuestionThatMakesTheServerFailSaysNothingOfOthers() {
    for (int i = 0; i < 100; i++) {
      health.failed(failure(CallOutcome.UPSTREAM_ERROR, 500), "m", 42, i);
    }

    assertThat(standing("m", 100)).isEqualTo(Standing.READY);
  }

  @Test
  void aServerThatFailsSeveralQuestionsIsAskedLastAndNeverLeftOut() {
    for (int i = 0; i < 3; i++) {
      health.failed(failure(CallOutcome.UPSTREAM_ERROR, 500), "m", i, i);
    }

    assertThat(standing("m", 3)).isEqualTo(Standing.LAST_RESORT);
    assertThat(health.isFailing(3)).isTrue();
    assertThat(standing("m", 2 * SECOND)).isEqualTo(Standing.READY);
  }

  @Test
  void aServerThatAnswersMostCallsIsNotAvoided() {
    health.failed(failure(CallOutcome.UPSTREAM_ERROR, 500), "m", 0, 0);
    for (int i = 0; i < 10; i++) {
      health.succeeded("m", i);
    }
    health.failed(failure(CallOutcome.UPSTREAM_ERROR, 500), "m", 1, 11);
    health.failed(failure(CallOutcome.UPSTREAM_ERROR, 500), "m", 2, 12);

    assertThat(standing("m", 13)).isEqualTo(Standing.READY);
  }

  @Test
  void failuresOfLongAgoDoNotCount() {
    health.failed(failure(CallOutcome.UNREACHABLE, 0), "m", 0, 0);
    health.failed(failure(CallOutcome.UNREACHABLE, 0), "m", 1, 1);
    health.failed(failure(CallOutcome.UNREACHABLE, 0), "m", 2, MINUTE);

    assertThat(standing("m", MINUTE)).isEqualTo(Standing.READY);
  }

  @Test
  void aServerThatSaysNothingIsAskedLastUntilItAnswers() {
    for (int i = 0; i < 3; i++) {
      health.failed(failure(CallOutcome.TIMEOUT, 0), "m", i, i);
    }
    assertThat(standing("m", 60 * MINUTE)).isEqualTo(Standing.LAST_RESORT);

    health.succeeded("m", 60 * MINUTE);

    assertThat(standing("m", 60 * MINUTE)).isEqualTo(Standing.READY);
  }

  @Test
  void oneSlowQuestionDoesNotMakeAKeyFail() {
    health.failed(failure(CallOutcome.TIMEOUT, 0), "m", 1, 0);

    assertThat(standing("m", 0)).isEqualTo(Standing.READY);
    assertThat(health.isFailing(0)).isFalse();
  }

  @Test
  void aServerThatLetsMostCallsWaitIsAskedLast() {
    health.waiting(true);
    assertThat(standing("m", 0)).isEqualTo(Standing.LAST_RESORT);

    health.waiting(false);

    assertThat(standing("m", 0)).isEqualTo(Standing.READY);
  }

  @Test
  void afterThePauseOneCallTriesAndTheOthersWait() {
    health.failed(failure(CallOutcome.AUTH_FAILED, 401), "m", 1, 0);
    long later = health.pause(0).toNanos();

    assertThat(standing("m", later - 1)).isEqualTo(Standing.PAUSED);
    assertThat(health.admits(later)).isTrue();
    assertThat(health.admits(later)).isFalse();
    assertThat(standing("m", later)).isEqualTo(Standing.PAUSED);
    health.succeeded("m", later);
    assertThat(health.admits(later)).isTrue();
    assertThat(health.admits(later)).isTrue();
  }

  @Test
  void afterALimitAllCallsGoOn() {
    health.failed(of(FailureOwner.KEY, Duration.ofSeconds(1)), "m", 1, 0);

    assertThat(health.admits(SECOND)).isTrue();
    assertThat(health.admits(SECOND)).isTrue();
  }

  @Test
  void anAdministratorsChangeClearsEverything() {
    health.failed(failure(CallOutcome.AUTH_FAILED, 401), "m", 1, 0);
    health.failed(failure(CallOutcome.NOT_FOUND, 404), "m", 1, 0);
    for (int i = 0; i < 3; i++) {
      health.failed(failure(CallOutcome.TIMEOUT, 0), "m", i, i);
    }

    health.reset();

    assertThat(standing("m", 0)).isEqualTo(Standing.READY);
    assertThat(health.trouble()).isNull();
  }
}

package io.mimir.upstream.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.FailureOwner;
import io.mimir.llm.LlmException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Whether a failed call is put again: to another key at once, or to the only one after a pause.
 * Made for one call. What a client could do better itself, such as wait for a minute, is left to
 * it.
 */
final class RetryPolicy {

  private static final int MAX_ATTEMPTS = 3;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

  /** A provider that wants a longer pause is waited for by the client, who may. */
  private static final Duration MAX_PAUSE = Duration.ofSeconds(2);

  /** What passes by itself, as the official clients have it too. */
  private static final Set<Integer> PASSING = Set.of(0, 408, 500, 502, 503, 504, 529);

  private int attempts;

  /** An attempt was made. */
  void count() {
    attempts++;
  }

  /** Whether any further attempt may be made after this failure. */
  boolean mayGoOn(LlmException failure) {
    return attempts < MAX_ATTEMPTS
        && failure.owner() != FailureOwner.QUESTION
        && failure.owner() != FailureOwner.SILENCE;
  }

  /**
   * How long to wait before the only key is asked again.
   *
   * @param left what is left of the time of the call
   * @return null when it is of no use, or would take too long
   */
  Duration pauseBefore(LlmException failure, Duration left) {
    boolean passing = failure.owner() == FailureOwner.ENDPOINT && passes(failure);
    boolean brief =
        failure.reason() == CallOutcome.RATE_LIMITED && failure.retryAfter().isPresent();
    if (!passing && !brief) {
      return null;
    }
    long grown = FIRST_PAUSE.toMillis() << (attempts - 1);
    Duration own = Duration.ofMillis(grown + ThreadLocalRandom.current().nextLong(grown / 2));
    Duration asked = failure.retryAfter().orElse(Duration.ZERO);
    // A moment more than the provider asked for: its clock may be behind.
    Duration pause = asked.isZero() ? own : asked.plusMillis(10);
    return asked.compareTo(MAX_PAUSE) > 0 || pause.compareTo(left) > 0 ? null : pause;
  }

  /** Whether it may pass by itself; what is no LLM API today is none in a second. */
  private static boolean passes(LlmException failure) {
    return (failure.reason() == CallOutcome.UPSTREAM_ERROR
            || failure.reason() == CallOutcome.UNREACHABLE)
        && PASSING.contains(failure.status());
  }

  /**
   * Whether the caller's own retries are of no use: nothing passes by itself, or it was tried here.
   * A caller may wait for a limit to pass.
   */
  boolean isFinal(LlmException failure) {
    return switch (failure.owner()) {
      case KEY -> failure.reason() != CallOutcome.RATE_LIMITED;
      case SILENCE -> true;
      case ENDPOINT -> attempts > 1 || !passes(failure);
      case QUESTION, MODEL -> false;
    };
  }
}

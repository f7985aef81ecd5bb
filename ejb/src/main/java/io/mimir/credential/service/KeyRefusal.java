package io.mimir.credential.service;

import io.mimir.credential.ModelRef;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Says why no key can be lent, and when it is worth asking again. Made for one refusal. */
final class KeyRefusal {

  /** When nobody knows how long a key that does not work will not. */
  static final Duration RETRY = Duration.ofSeconds(5);

  private final KeyLimits limits;
  private final ModelRef model;
  private final LongSupplier tokens;
  private final long nanos;

  private Duration wait;
  private Duration pause;
  private CallOutcome reason;
  private boolean spent;

  KeyRefusal(KeyLimits limits, ModelRef model, LongSupplier tokens, long nanos) {
    this.limits = limits;
    this.model = model;
    this.tokens = tokens;
    this.nanos = nanos;
  }

  ProblemException of(KeyPool pool, TriedKeys tried) {
    // Why a key that was tried gives no answer is known better than by its limits.
    pool.has(
        key -> {
          if (!tried.has(key) && tried.allows(key)) {
            look(key);
          }
          return false;
        });
    if (wait != null) {
      return ProblemException.retryable(
          Problem.RATE_LIMITED,
          "Every key for this model is at its limit: try again in %d seconds"
              .formatted(Math.max(1, wait.toSeconds() + 1)),
          wait);
    }
    if (spent) {
      return ProblemException.retryable(
          Problem.RATE_LIMITED,
          "The keys for this model have used up their tokens of this month: an administrator can raise the budget under Settings, API keys",
          KeyLimits.untilNextMonth());
    }
    if (reason == CallOutcome.NOT_FOUND) {
      return new ProblemException(
          Problem.MODEL_NOT_FOUND,
          "The provider said a moment ago that it does not know this model: choose one of GET /v1/models");
    }
    return ProblemException.retryable(
        Problem.NO_USABLE_KEY,
        pool.isEmpty()
            ? "There is no active key for this model: an administrator can add one under Settings, API keys"
            : "No key for this model works at the moment: an administrator can test them under Settings, API keys",
        pause == null ? RETRY : pause);
  }

  private void look(RoutableKey key) {
    String spelling = key.spelling(model.name());
    CallOutcome paused = key.runtime().health.pauseReason(spelling, nanos);
    if (paused != null) {
      Duration left = key.runtime().health.pause(spelling, nanos);
      if (paused == CallOutcome.RATE_LIMITED || paused == CallOutcome.QUOTA_EXCEEDED) {
        wait = shorter(wait, left);
      } else {
        pause = shorter(pause, left);
        reason = paused;
      }
    } else if (limits.isSpent(key)) {
      spent = true;
    } else if (key.runtime().health.trouble() == null) {
      wait = shorter(wait, limits.waitFor(key, nanos, tokens));
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one == null || other.compareTo(one) < 0 ? other : one;
  }
}

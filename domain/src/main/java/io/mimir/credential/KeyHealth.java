package io.mimir.credential;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import java.time.Duration;

/**
 * How a key has fared lately, in memory. A provider that is busy or broken is left alone for a
 * while, longer each time; a key that is refused is tried again once a minute.
 */
public final class KeyHealth {

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Duration QUARANTINE = Duration.ofMinutes(1);

  /** A trial that nobody heard of again does not keep others out for ever. */
  private static final Duration LONGEST_TRIAL = Duration.ofMinutes(1);

  /** A provider's own wish is followed, within reason. */
  private static final Duration LONGEST_WISH = Duration.ofHours(1);

  private int failures;
  private long pausedUntil;
  private boolean paused;
  private boolean limited;
  private volatile CallOutcome lastFailure;
  private boolean trying;
  private long triedAt;

  public void succeeded() {
    if (lastFailure == null) {
      return;
    }
    synchronized (this) {
      failures = 0;
      paused = false;
      limited = false;
      trying = false;
      lastFailure = null;
    }
  }

  /**
   * Whether a call may be made now. After a pause that was no mere limit one call is let through to
   * try, and the others wait for how it goes.
   *
   * @param nanos of {@link System#nanoTime}
   */
  public boolean admits(long nanos) {
    return lastFailure == null || admitsAgain(nanos);
  }

  private synchronized boolean admitsAgain(long nanos) {
    if (!paused) {
      return true;
    }
    if (pausedUntil - nanos > 0) {
      return false;
    }
    if (limited) {
      return true;
    }
    if (trying && nanos - triedAt < LONGEST_TRIAL.toNanos()) {
      return false;
    }
    trying = true;
    triedAt = nanos;
    return true;
  }

  /** Why the key is left alone at this moment, or null. */
  public synchronized CallOutcome trouble() {
    return lastFailure;
  }

  /**
   * @param nanos of {@link System#nanoTime}
   */
  public synchronized void failed(LlmException failure, long nanos) {
    trying = false;
    if (isOfTheQuestion(failure)) {
      return;
    }
    Duration pause =
        switch (failure.reason()) {
          case AUTH_FAILED, FORBIDDEN -> QUARANTINE;
          case RATE_LIMITED, QUOTA_EXCEEDED, UPSTREAM_ERROR, UNREACHABLE, TIMEOUT, TLS_ERROR ->
              failure
                  .retryAfter()
                  .map(wish -> wish.compareTo(LONGEST_WISH) > 0 ? LONGEST_WISH : wish)
                  .orElseGet(this::nextPause);
          case OK, NOT_FOUND, NOT_LLM_API, BLOCKED, UPSTREAM_REDIRECT -> Duration.ZERO;
        };
    if (pause.isZero()) {
      return;
    }
    if (!paused || nanos - pausedUntil >= 0) {
      failures++;
    }
    lastFailure = failure.reason();
    limited =
        failure.reason() == CallOutcome.RATE_LIMITED
            || failure.reason() == CallOutcome.QUOTA_EXCEEDED;
    pausedUntil = nanos + pause.toNanos();
    paused = true;
  }

  /** Whether a failure says something of the key, and not of the question. */
  public static boolean blames(LlmException failure) {
    return !isOfTheQuestion(failure) && failure.reason() != CallOutcome.NOT_FOUND;
  }

  /** A question that the provider found wrong, or too long, says nothing about the key. */
  private static boolean isOfTheQuestion(LlmException failure) {
    return failure.reason() == CallOutcome.UPSTREAM_ERROR
        && failure.status() >= 400
        && failure.status() < 500;
  }

  private Duration nextPause() {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 10));
    return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
  }

  /** How long this key is left alone; zero when it may be used. */
  public synchronized Duration pause(long nanos) {
    return paused && pausedUntil - nanos > 0
        ? Duration.ofNanos(pausedUntil - nanos)
        : Duration.ZERO;
  }

  /** Whether the pause is the provider's limit and no fault. */
  public synchronized boolean isLimited() {
    return limited;
  }

  /** Whether the last call failed for a reason that lies with the key or its provider. */
  public synchronized boolean isFailing() {
    return lastFailure != null && !limited;
  }
}

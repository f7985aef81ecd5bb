package io.mimir.credential;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import java.time.Duration;

/**
 * The time for which a key, or one model at a key, is left alone. It grows with each failure after
 * a pause, unless the provider says for how long. Not thread-safe: {@link KeyHealth} guards it.
 */
final class Pause {

  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** A provider's own wish is followed, within reason. */
  private static final Duration LONGEST_WISH = Duration.ofHours(1);

  private final Duration first;
  private int failures;
  private long until;
  private CallOutcome reason;

  /**
   * @param first how long the first pause is; each further one is twice as long, up to a minute
   */
  Pause(Duration first) {
    this.first = first;
  }

  void begin(LlmException failure, long nanos) {
    Duration length =
        failure
            .retryAfter()
            .map(wish -> wish.compareTo(LONGEST_WISH) > 0 ? LONGEST_WISH : wish)
            .orElseGet(this::next);
    if (!isRunning(nanos)) {
      failures++;
    }
    long end = nanos + length.toNanos();
    // Of several calls that fail together, the one that was told the longest wait knows best.
    until = isRunning(nanos) && until - end > 0 ? until : end;
    reason = failure.reason();
  }

  private Duration next() {
    Duration length = first.multipliedBy(1L << Math.min(failures, 10));
    return length.compareTo(LONGEST) > 0 ? LONGEST : length;
  }

  void end() {
    failures = 0;
    until = 0;
    reason = null;
  }

  boolean isRunning(long nanos) {
    return reason != null && until - nanos > 0;
  }

  /** How long it lasts yet; zero when it is over. */
  Duration left(long nanos) {
    return isRunning(nanos) ? Duration.ofNanos(until - nanos) : Duration.ZERO;
  }

  /** Why it began; null when nothing has failed since the last success. */
  CallOutcome reason() {
    return reason;
  }

  /** Whether it is a limit of the provider's and no fault. */
  boolean isLimit() {
    return reason == CallOutcome.RATE_LIMITED || reason == CallOutcome.QUOTA_EXCEEDED;
  }
}

package io.mimir.credential;

import java.time.Duration;

/**
 * The tokens of the last minute of one key, to the second. What a call will need is known only when
 * it is over: it is let in when there is room for its question, and the answer is added afterwards.
 * Times are those of a monotonic clock.
 */
public final class TokenWindow {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** One more than a minute has, so that the second that is running is never counted out early. */
  private static final int SECONDS = 61;

  private final long[] tokens = new long[SECONDS];
  private long now = Long.MIN_VALUE;
  private long sum;

  /**
   * Takes the tokens of a question if the minute has room for them. A question that is larger than
   * the limit is let in when the minute is empty.
   *
   * @param nanos of {@link System#nanoTime}
   */
  public synchronized boolean tryTake(long limit, long count, long nanos) {
    advance(nanos);
    if (sum > 0 && sum + count > limit) {
      return false;
    }
    put(count);
    return true;
  }

  /** Adds what an answer brought, or takes off what was reckoned too high. */
  public synchronized void add(long count, long nanos) {
    advance(nanos);
    put(count);
  }

  private void put(long count) {
    tokens[slot(now)] += count;
    sum += count;
  }

  /** How long until so many tokens have room; zero when they have. */
  public synchronized Duration waitFor(long limit, long count, long nanos) {
    advance(nanos);
    long left = sum;
    for (int passed = 0; passed < SECONDS; passed++) {
      if (left <= 0 || left + count <= limit) {
        return Duration.ofSeconds(passed);
      }
      left -= tokens[slot(now - SECONDS + 1 + passed)];
    }
    return Duration.ofSeconds(SECONDS);
  }

  private void advance(long nanos) {
    long second = Math.floorDiv(nanos, SECOND);
    if (now == Long.MIN_VALUE) {
      now = second;
    }
    for (long gone = Math.min(second - now, SECONDS); gone > 0; gone--) {
      now = second - gone + 1;
      sum -= tokens[slot(now)];
      tokens[slot(now)] = 0;
    }
    now = Math.max(now, second);
  }

  private static int slot(long second) {
    return (int) Math.floorMod(second, (long) SECONDS);
  }
}

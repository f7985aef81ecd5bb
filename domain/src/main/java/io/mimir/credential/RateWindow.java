package io.mimir.credential;

import java.time.Duration;
import java.util.ArrayDeque;

/**
 * The requests of the last minute of one key. Times are those of a monotonic clock, so that a
 * changed wall clock frees nothing.
 */
public final class RateWindow {

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final ArrayDeque<Long> starts = new ArrayDeque<>();

  /**
   * Takes one request out of the limit if there is room.
   *
   * @param nanos of {@link System#nanoTime}
   */
  public synchronized boolean tryTake(int limit, long nanos) {
    forget(nanos);
    if (starts.size() >= limit) {
      return false;
    }
    starts.addLast(nanos);
    return true;
  }

  /** How long until there is room for one request; zero when there is. */
  public synchronized Duration waitFor(int limit, long nanos) {
    forget(nanos);
    if (starts.size() < limit) {
      return Duration.ZERO;
    }
    return Duration.ofNanos(starts.peekFirst() + MINUTE - nanos);
  }

  private void forget(long nanos) {
    while (!starts.isEmpty() && nanos - starts.peekFirst() >= MINUTE) {
      starts.removeFirst();
    }
  }
}

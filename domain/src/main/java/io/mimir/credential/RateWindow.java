package io.mimir.credential;

import java.time.Duration;
import java.util.Arrays;

/**
 * The requests of the last minute of one key. Times are those of a monotonic clock, so that a
 * changed wall clock frees nothing.
 */
public final class RateWindow {

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  /** A ring: the oldest is at {@code first}. */
  private long[] starts = new long[16];

  private int first;
  private int size;

  /**
   * Takes one request out of the limit if there is room.
   *
   * @param nanos of {@link System#nanoTime}
   */
  public synchronized boolean tryTake(int limit, long nanos) {
    forget(nanos);
    if (size >= limit) {
      return false;
    }
    if (size == starts.length) {
      grow();
    }
    starts[(first + size++) % starts.length] = nanos;
    return true;
  }

  private void grow() {
    long[] larger = Arrays.copyOf(starts, starts.length * 2);
    for (int i = 0; i < size; i++) {
      larger[i] = starts[(first + i) % starts.length];
    }
    starts = larger;
    first = 0;
  }

  /** Gives the newest request back: it was taken and not made after all. */
  public synchronized void giveBack() {
    if (size > 0) {
      size--;
    }
  }

  /** How long until there is room for one request; zero when there is. */
  public synchronized Duration waitFor(int limit, long nanos) {
    forget(nanos);
    if (size < limit) {
      return Duration.ZERO;
    }
    return Duration.ofNanos(starts[first] + MINUTE - nanos);
  }

  /** How many more requests there is room for now. */
  public synchronized int room(int limit, long nanos) {
    forget(nanos);
    return Math.max(0, limit - size);
  }

  private void forget(long nanos) {
    while (size > 0 && nanos - starts[first] >= MINUTE) {
      first = (first + 1) % starts.length;
      size--;
    }
  }
}

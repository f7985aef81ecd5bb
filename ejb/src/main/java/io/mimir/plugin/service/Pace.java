package io.mimir.plugin.service;

import java.util.concurrent.TimeUnit;

/** How much may come in a second, in whatever unit; a second's worth may come at once. */
final class Pace {

  private final double perNano;
  private final double most;
  private double left;
  private long at;

  Pace(long perSecond, long now) {
    perNano = (double) perSecond / TimeUnit.SECONDS.toNanos(1);
    most = perSecond;
    left = most;
    at = now;
  }

  /**
   * Takes an amount, also when it is not there; what is missing is at most a second's worth.
   *
   * @param now nanoseconds
   * @return nanoseconds until what is missing will have come; 0 when nothing is
   */
  synchronized long take(long amount, long now) {
    left = Math.min(most, left + (now - at) * perNano);
    at = now;
    left = Math.max(-most, left - amount);
    return left >= 0 ? 0 : (long) (-left / perNano);
  }
}

package io.mimir.plugin.service;

/** For how long at least one of many was under way. */
final class BusyTime {

  private int underWay;
  private long since;
  private long sum;

  synchronized void begin() {
    if (underWay++ == 0) {
      since = System.nanoTime();
    }
  }

  synchronized void end() {
    if (--underWay == 0) {
      sum += System.nanoTime() - since;
    }
  }

  /** Nanoseconds up to now. */
  synchronized long nanos() {
    return underWay == 0 ? sum : sum + System.nanoTime() - since;
  }
}

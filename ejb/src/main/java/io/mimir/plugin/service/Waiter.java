package io.mimir.plugin.service;

import io.mimir.plugin.kit.frame.Frame;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Somebody who waits for an answer. */
final class Waiter {

  final Thread thread = Thread.currentThread();
  private volatile long deadline;
  private final BooleanSupplier unwanted;
  volatile Frame answer;
  volatile HostGoneException failure;
  volatile boolean cancelled;

  /**
   * @param unwanted whether the caller wants no answer any more
   */
  Waiter(Duration patience, BooleanSupplier unwanted) {
    deadline = System.nanoTime() + patience.toNanos();
    this.unwanted = unwanted;
  }

  /** How many nanoseconds ago the answer should have come; negative while there is time. */
  long late(long now) {
    if (now - deadline < 0 && unwanted.getAsBoolean()) {
      deadline = now;
    }
    return now - deadline;
  }

  boolean isDone() {
    return answer != null || failure != null;
  }

  void take(Frame frame) {
    answer = frame;
    LockSupport.unpark(thread);
  }

  void fail(HostGoneException cause) {
    failure = cause;
    LockSupport.unpark(thread);
  }
}

package io.mimir.plugin.service;

import io.mimir.plugin.kit.frame.Frame;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Somebody who waits for an answer. */
final class Waiter {

  final Thread thread = Thread.currentThread();
  final long deadline;
  volatile Frame answer;
  volatile HostGoneException failure;
  volatile boolean cancelled;

  Waiter(Duration patience) {
    deadline = System.nanoTime() + patience.toNanos();
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

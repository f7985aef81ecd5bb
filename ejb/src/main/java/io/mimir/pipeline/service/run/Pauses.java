package io.mimir.pipeline.service.run;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits of threads that work on runs. */
final class Pauses {

  private Pauses() {}

  /** Sleeps; an interrupt ends it early and stays set. */
  static void sleep(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sleeps until a time, or until the work on the run ends. */
  static void until(long millis, RunControl control) throws RunEndedException {
    CountDownLatch ended = new CountDownLatch(1);
    Runnable hook = ended::countDown;
    control.onEnd(hook);
    try {
      long left = millis - System.currentTimeMillis();
      while (left > 0 && !ended.await(left, TimeUnit.MILLISECONDS)) {
        left = millis - System.currentTimeMillis();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      control.end(RunControl.End.STOPPED);
    } finally {
      control.forget(hook);
    }
    control.check();
  }
}

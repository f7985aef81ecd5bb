package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.lifecycle.service.Readiness;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How long requests wait until one of the server's threads takes them. Where more comes than can be
 * done, they would wait until their clients have left, and then be worked on all the same, so that
 * nobody gets an answer in time: from a wait of two seconds on, what a thread takes is refused at
 * once, until the wait is short again.
 *
 * <p>The wait is measured by work that only tells when its turn has come.
 */
@ApplicationScoped
public class Backlog {

  private static final System.Logger LOG = System.getLogger(Backlog.class.getName());

  private static final long EVERY_MS = 250;
  private static final long LONGEST = TimeUnit.SECONDS.toNanos(2);
  private static final long LOG_EVERY = TimeUnit.MINUTES.toNanos(1);

  @Resource ManagedScheduledExecutorService scheduler;
  @Inject Readiness readiness;

  LongSupplier clock = System::nanoTime;
  volatile Executor workers;

  /** When the work that still waits was handed in, by the clock; null when none waits. */
  private volatile Long waitingSince;

  private Long loggedAt;
  private ScheduledFuture<?> measuring;

  /**
   * Begins to measure.
   *
   * @param workers what the server gives its requests to
   */
  void measure(Executor workers) {
    this.workers = workers;
    measuring =
        scheduler.scheduleWithFixedDelay(this::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
  }

  void look() {
    long now = clock.getAsLong();
    Long before = waitingSince;
    if (before != null) {
      if (now - before > LONGEST) {
        tooLong(now);
      }
      return;
    }
    waitingSince = now;
    try {
      workers.execute(() -> taken(now));
    } catch (RejectedExecutionException e) {
      // The queue is full.
      tooLong(now);
      waitingSince = null;
    }
  }

  private void taken(long since) {
    readiness.setOverloaded(clock.getAsLong() - since > LONGEST);
    waitingSince = null;
  }

  private void tooLong(long now) {
    readiness.setOverloaded(true);
    if (loggedAt == null || now - loggedAt > LOG_EVERY) {
      loggedAt = now;
      LOG.log(
          WARNING,
          "Requests wait for more than {0} s until a thread takes them: new ones are refused until"
              + " the wait is short again",
          TimeUnit.NANOSECONDS.toSeconds(LONGEST));
    }
  }

  @PreDestroy
  void stop() {
    if (measuring != null) {
      measuring.cancel(false);
    }
  }
}

package io.mimir.lifecycle.service;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.lifecycle.service.Readiness.Phase;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Ends what the server does for others, in the order that loses nothing: load balancers learn that
 * it goes while it still serves; then nothing new begins, and what runs may end; what is left when
 * the time is over is ended, and told so in the words of its protocol.
 */
@ApplicationScoped
public class Drain {

  private static final System.Logger LOG = System.getLogger(Drain.class.getName());

  /** What it takes to bring the last words to whoever reads. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  /** An answer that is complete for us may be on its way through the server for this long. */
  private static final Duration ON_THE_WAY = Duration.ofMillis(200);

  private static final Duration LOOK = Duration.ofMillis(20);

  @Inject Readiness readiness;
  @Inject @Any Instance<Drainable> found;

  Iterable<Drainable> work;

  /** What balancers need to notice: two or three of their usual checks. */
  Duration notice = Duration.ofSeconds(5);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition hurried = lock.newCondition();
  private boolean hurry;

  @PostConstruct
  void open() {
    work = found;
  }

  /**
   * Brings everything to its end. Returns when nothing runs any more.
   *
   * @param limit how long what runs may go on; zero for a stop without any waiting
   * @param announced whether load balancers are to notice first
   */
  public void run(Duration limit, boolean announced) {
    boolean waits = !limit.isZero();
    readiness.enter(Phase.WITHDRAWING);
    if (announced && waits) {
      LOG.log(
          INFO,
          "Stopping: calls are served for {0} s more, so that load balancers notice",
          notice.toSeconds());
      await(notice, false);
    }
    readiness.enter(Phase.DRAINING);
    int running = running();
    if (running > 0 && waits) {
      LOG.log(INFO, "Stopping: {0} running calls have {1} s to end", running, limit.toSeconds());
      await(limit, true);
    }
    pause(ON_THE_WAY);
    endWhatRuns();
  }

  private void endWhatRuns() {
    int left = running();
    if (left == 0) {
      return;
    }
    LOG.log(WARNING, "Stopping: {0} calls are ended before their time", left);
    work.forEach(each -> each.end(readiness.refusal()));
    hurry(false);
    await(LAST_WORDS, true);
    pause(ON_THE_WAY);
  }

  private int running() {
    int running = 0;
    for (Drainable each : work) {
      running += each.running();
    }
    return running;
  }

  /** Ends all waiting: whoever asks for a stop twice wants no delay. */
  public void hurry() {
    hurry(true);
  }

  private void hurry(boolean wanted) {
    lock.lock();
    try {
      hurry = wanted;
      hurried.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void await(Duration limit, boolean idle) {
    long end = System.nanoTime() + limit.toNanos();
    lock.lock();
    try {
      while (!hurry && System.nanoTime() < end && !(idle && running() == 0)) {
        hurried.awaitNanos(LOOK.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

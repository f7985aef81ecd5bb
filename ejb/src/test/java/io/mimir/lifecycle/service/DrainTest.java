package io.mimir.lifecycle.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Readiness.Phase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DrainTest {

  private static final Duration LONG = Duration.ofMinutes(10);

  private final Readiness readiness = new Readiness();
  private final Drain drain = new Drain();
  private final Calls calls = new Calls();

  /** Work that runs until a test says otherwise, or until it is ended. */
  private static final class Calls implements Drainable {

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicReference<ProblemException> ended = new AtomicReference<>();

    @Override
    public int running() {
      return running.get();
    }

    @Override
    public void end(ProblemException why) {
      ended.set(why);
      running.set(0);
    }
  }

  @BeforeEach
  void serve() {
    drain.readiness = readiness;
    drain.work = List.of(calls);
    drain.notice = Duration.ofMillis(200);
    readiness.ready();
  }

  private Thread started(Duration limit, boolean announced) {
    Thread thread = new Thread(() -> drain.run(limit, announced));
    thread.start();
    return thread;
  }

  private void awaitPhase(Phase wanted) throws InterruptedException {
    while (readiness.phase() != wanted) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @Test
  void balancersNoticeWhileCallsAreStillServed() throws Exception {
    drain.notice = LONG;
    Thread stop = started(LONG, true);
    awaitPhase(Phase.WITHDRAWING);

    assertThat(readiness.isReady()).isFalse();
    assertThat(readiness.refusal()).isNull();

    drain.hurry();
    stop.join();
  }

  @Test
  void whatRunsMayEndAndNothingNewBegins() throws Exception {
    calls.running.set(3);
    Thread stop = started(LONG, true);
    awaitPhase(Phase.DRAINING);

    assertThat(readiness.refusal().problem()).isEqualTo(Problem.DRAINING);
    assertThat(readiness.refusal().retryAfter()).isPresent();
    assertThat(stop.isAlive()).isTrue();

    calls.running.set(0);
    stop.join();

    assertThat(calls.ended.get()).isNull();
  }

  @Test
  void whatRunsLongerIsToldWhyItEnds() throws Exception {
    calls.running.set(1);

    started(Duration.ofMillis(300), false).join();

    assertThat(calls.ended.get().problem()).isEqualTo(Problem.DRAINING);
  }

  @Test
  void aStopWithoutAnyWaitingStillTellsThem() throws Exception {
    drain.notice = LONG;
    calls.running.set(1);

    started(Duration.ZERO, true).join();

    assertThat(calls.ended.get()).isNotNull();
  }

  @Test
  void whoAsksTwiceWaitsForNothing() throws Exception {
    drain.notice = LONG;
    calls.running.set(1);
    CountDownLatch over = new CountDownLatch(1);
    Thread stop =
        new Thread(
            () -> {
              drain.run(LONG, true);
              over.countDown();
            });
    stop.start();
    awaitPhase(Phase.WITHDRAWING);

    drain.hurry();

    assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(calls.ended.get()).isNotNull();
  }

  @Test
  void thereIsNoWayBack() {
    readiness.stopped();
    readiness.ready();

    assertThat(readiness.isReady()).isFalse();
    assertThat(readiness.refusal().problem()).isEqualTo(Problem.DRAINING);
  }

  @Test
  void whoComesBeforeTheServerIsReadyIsToldSo() {
    Readiness fresh = new Readiness();

    assertThat(fresh.isReady()).isFalse();
    assertThat(fresh.refusal().problem()).isEqualTo(Problem.STARTING);
    assertThat(fresh.refusal().retryAfter()).isPresent();
  }
}

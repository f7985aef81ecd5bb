package io.mimir.web.payara;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Readiness;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is refused while requests wait too long for a thread, and that it ends. */
class BacklogTest {

  private static final long LONGEST = TimeUnit.SECONDS.toNanos(2);

  private final Queue<Runnable> queue = new ArrayDeque<>();
  private final Readiness readiness = new Readiness();
  private final Backlog backlog = new Backlog();
  private long now = Long.MAX_VALUE - 5;

  @BeforeEach
  void measure() {
    backlog.clock = () -> now;
    backlog.workers = queue::add;
    backlog.readiness = readiness;
    readiness.ready();
  }

  @Test
  void nothingIsRefusedBeforeAnythingWasMeasured() {
    assertThat(readiness.refusal()).isNull();
  }

  @Test
  void aShortWaitRefusesNothing() {
    waitFor(LONGEST);
    assertThat(readiness.refusal()).isNull();
    queue.remove().run();
    assertThat(readiness.refusal()).isNull();
  }

  @Test
  void aLongWaitIsRefusedWhileItLasts() {
    waitFor(LONGEST + 1);
    backlog.look();
    assertThat(readiness.refusal())
        .extracting(ProblemException::problem)
        .isEqualTo(Problem.OVERLOADED);
  }

  @Test
  void aLongWaitThatIsOverIsRefusedUntilTheNextOneWasShort() {
    waitFor(LONGEST + 1);
    queue.remove().run();
    assertThat(readiness.refusal()).isNotNull();
    waitFor(1);
    queue.remove().run();
    assertThat(readiness.refusal()).isNull();
  }

  @Test
  void oneMeasuresAtATime() {
    waitFor(1);
    backlog.look();
    assertThat(queue).hasSize(1);
  }

  @Test
  void aQueueThatIsFullRefusesUntilItTakesWorkAgain() {
    backlog.workers =
        work -> {
          throw new RejectedExecutionException("full");
        };
    backlog.look();
    assertThat(readiness.refusal()).isNotNull();
    backlog.workers = queue::add;
    backlog.look();
    queue.remove().run();
    assertThat(readiness.refusal()).isNull();
  }

  private void waitFor(long nanos) {
    backlog.look();
    now += nanos;
  }
}

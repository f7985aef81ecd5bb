package io.mimir.pipeline.service.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs that are due, on db-scheduler and a real database. */
class DispatcherTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final TestRuns test = new TestRuns();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private Dispatcher dispatcher;

  @BeforeEach
  void open() {
    dispatcher =
        new Dispatcher(
            test.store.connections(), test.engine, test.runs, threads, () -> false, List.of());
    dispatcher.start();
  }

  @AfterEach
  void close() {
    dispatcher.close();
    threads.shutdownNow();
    test.close();
  }

  private static Definition definition(int concurrency, Step.Work... works) {
    List<Step> steps = new ArrayList<>();
    for (Step.Work work : works) {
      steps.add(new Step("s" + steps.size(), null, Step.Retry.NONE, null, Step.OnError.STOP, work));
    }
    return new Definition(
        "p", "", null, steps, null, new Definition.Limits(Duration.ofHours(1), null, concurrency));
  }

  private String start(Definition definition) {
    String id = test.start(definition, RunJson.object());
    dispatcher.wake(id);
    return id;
  }

  private void await(String id, RunStatus status) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (test.row(id).facts().status() != status) {
      assertThat(System.nanoTime()).as("still %s", test.row(id).facts()).isLessThan(end);
      Pauses.sleep(Duration.ofMillis(20));
    }
  }

  @Test
  void runsOfAPipelineKeepToItsConcurrencyAndNoneIsForgotten() {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    test.action(
        "slow",
        input -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          Pauses.sleep(Duration.ofMillis(50));
          now.decrementAndGet();
          return input;
        });
    Definition definition = definition(2, new Step.Action("test", "slow", RunJson.object()));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      ids.add(start(definition));
    }
    ids.forEach(id -> await(id, RunStatus.SUCCEEDED));
    assertThat(most.get()).isEqualTo(2);
  }

  @Test
  void aRunThatRestsGoesOnWhenAPersonHasAnswered() throws RunLostException {
    String id = start(definition(1, new Step.Approve("admin", "Go on?")));
    await(id, RunStatus.WAITING);
    test.journal.append(
        RunWrite.from(id)
            .event(
                RunEvent.Kind.APPROVED,
                "s0",
                1,
                RunJson.object().put("approved", true).put("by", "ann")));
    dispatcher.wake(id);
    await(id, RunStatus.SUCCEEDED);
  }

  @Test
  void aCancelledRunThatRestsEnds() throws RunLostException {
    String id = start(definition(1, new Step.Wait(Duration.ofHours(1), null)));
    await(id, RunStatus.WAITING);
    test.journal.append(
        RunWrite.from(id).event(RunEvent.Kind.CANCELLING, null, 0, RunJson.object()));
    dispatcher.cancelled(id);
    await(id, RunStatus.CANCELLED);
  }
}

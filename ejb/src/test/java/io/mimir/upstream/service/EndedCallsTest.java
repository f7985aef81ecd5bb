package io.mimir.upstream.service;

import static io.mimir.upstream.service.ScriptedServer.CHUNK;
import static io.mimir.upstream.service.ScriptedServer.LAST;
import static io.mimir.upstream.service.ScriptedServer.refuse;
import static io.mimir.upstream.service.ScriptedServer.silence;
import static io.mimir.upstream.service.ScriptedServer.stream;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.usage.CallUsage;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls that the server ends because it stops. */
class EndedCallsTest {

  private static final ProblemException STOPPING =
      ProblemException.retryable(Problem.DRAINING, "The server is stopping", Duration.ofSeconds(1));

  private TestEngine engine;
  private ScriptedServer house;

  @BeforeEach
  void start() throws IOException {
    engine = new TestEngine();
    house = new ScriptedServer();
    engine.key("house", house, "m1");
  }

  @AfterEach
  void stop() {
    engine.close();
    house.close();
  }

  private static void await(java.util.function.BooleanSupplier what) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!what.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void aStreamIsToldWhyItEndsIsCountedAndBlamesNobody() throws Exception {
    house.then(stream(20_000, CHUNK, LAST));
    RecordedTarget target = engine.call("m1", true, "{\"q\":1}");
    await(() -> target.text().contains("Hel"));

    engine.calls().end(STOPPING);
    target.await();

    assertThat(target.failure.problem()).isSameAs(STOPPING);
    assertThat(target.failure.outcome()).as("the provider did nothing wrong").isNull();
    CallUsage used = engine.awaitCounted(1).get(0);
    assertThat(used.error()).isTrue();
    assertThat(used.outputTokens()).isPositive();
    house.then(stream(0, CHUNK, LAST));
    assertThat(engine.call("m1", true, "{\"q\":2}").await().succeeded()).isTrue();
  }

  @Test
  void aQuestionThatIsNotAnsweredYetIsToldToComeBack() throws Exception {
    house.then(silence());
    RecordedTarget target = engine.call("m1", false, "{\"q\":1}");
    await(() -> house.bodies().size() == 1);

    engine.calls().end(STOPPING);
    target.await();

    assertThat(target.failure.problem()).isSameAs(STOPPING);
    assertThat(engine.awaitCounted(1)).hasSize(1);
  }

  @Test
  void aCallThatWaitsForItsNextTryIsNotTriedAgain() throws Exception {
    house.always(refuse(529, "overloaded", "Retry-After", "1"));
    RecordedTarget target = engine.call("m1", false, "{\"q\":1}");
    engine.awaitCounted(1);

    engine.calls().end(STOPPING);
    target.await();

    assertThat(target.failure.problem()).isSameAs(STOPPING);
    TimeUnit.MILLISECONDS.sleep(1_500);
    assertThat(house.bodies()).hasSize(1);
  }

  @Test
  void whatIsOverIsLeftAlone() throws Exception {
    RecordedTarget target = engine.call("m1", false, "{\"q\":1}").await();

    engine.calls().end(STOPPING);

    assertThat(target.succeeded()).isTrue();
    assertThat(engine.awaitCounted(1)).hasSize(1);
  }

  /**
   * On a thread of the client there is nobody to catch it: the call was lost, and waited for ever.
   */
  @Test
  void aFaultOfOursEndsTheCallToo() throws Exception {
    engine.key("other", house, "m1");
    house.always(refuse(500, "server_error"));
    AtomicInteger attempts = new AtomicInteger();

    RecordedTarget target =
        engine.call(
            "m1",
            false,
            "{\"q\":1}",
            plan ->
                lease -> {
                  if (attempts.incrementAndGet() > 1) {
                    throw new IllegalStateException("a fault");
                  }
                  return plan.requestFor(lease);
                });

    assertThat(target.await().failure.problem().problem()).isEqualTo(Problem.UNEXPECTED);
  }
}

package io.mimir.plugin.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.frame.LoadRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostProcessTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final byte[] INPUT = "in".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private final PluginLog log = new PluginLog();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private HostProcess host;

  @BeforeEach
  void start() throws IOException {
    host = new HostProcess(FakeHost.start(folder), log);
    clock.scheduleAtFixedRate(host::enforceDeadlines, 20, 20, TimeUnit.MILLISECONDS);
    assertThat(new String(host.hello(PATIENCE), StandardCharsets.UTF_8)).contains("missing");
  }

  @AfterEach
  void stop() {
    clock.shutdownNow();
    host.close();
  }

  private Frame call(String action) throws HostGoneException {
    return host.call(action, INPUT, PATIENCE, () -> false);
  }

  @Test
  void loadsAndCallsAndLives() throws Exception {
    Frame ready =
        host.load(
            new ByteArrayInputStream(new byte[1024 * 1024]),
            new LoadRequest(new byte[32], new byte[0], 1),
            PATIENCE);

    assertThat(ready.type()).isEqualTo(FrameType.READY);
    assertThat(call("echo").payload()).isEqualTo(INPUT);
    assertThat(Failure.of(call("nothing").payload()).code()).isEqualTo(Failure.UNKNOWN_ACTION);
    host.ping(PATIENCE);
    assertThat(host.isAlive()).isTrue();
  }

  @Test
  void everyCallerGetsItsOwnAnswer() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(16);
    try {
      var answers =
          IntStream.range(0, 16)
              .mapToObj(
                  number ->
                      CompletableFuture.runAsync(() -> echoAtRandom(new Random(number)), callers))
              .toArray(CompletableFuture<?>[]::new);
      CompletableFuture.allOf(answers).get(60, TimeUnit.SECONDS);
    } finally {
      callers.shutdownNow();
    }
  }

  private void echoAtRandom(Random random) {
    try {
      for (int i = 0; i < 500; i++) {
        byte[] own = new byte[random.nextInt(3_000)];
        random.nextBytes(own);
        assertThat(host.call("echo", own, PATIENCE, () -> false).payload()).isEqualTo(own);
      }
    } catch (HostGoneException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "crash,SIGSEGV",
    "garbage,broke the protocol",
    "unasked,broke the protocol",
  })
  void whatEndsItEndsEveryCall(String action, String why) throws Exception {
    Future<?> other =
        CompletableFuture.runAsync(
            () ->
                assertThatThrownBy(() -> call("hang"))
                    .isInstanceOf(HostGoneException.class)
                    .hasMessageContaining(why));

    assertThatThrownBy(() -> call(action))
        .isInstanceOf(HostGoneException.class)
        .hasMessageContaining(why);
    other.get(20, TimeUnit.SECONDS);
    assertThat(host.isAlive()).isFalse();
    assertThatThrownBy(() -> call("echo")).isInstanceOf(HostGoneException.class);
  }

  @Test
  void theLastAnswerBeforeTheEndCounts() throws Exception {
    assertThat(call("answer-and-end").payload()).isEqualTo(INPUT);
  }

  @Test
  void aCallThatTakesTooLongIsCancelled() throws Exception {
    Frame answer = host.call("wait-for-cancel", INPUT, Duration.ofMillis(100), () -> false);

    assertThat(Failure.of(answer.payload()).code()).isEqualTo(Failure.CANCELLED);
    assertThat(host.isAlive()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"hang", "half"})
  void aCallThatCannotBeCancelledEndsTheProcess(String action) {
    assertThatThrownBy(() -> host.call(action, INPUT, Duration.ofMillis(100), () -> false))
        .isInstanceOfSatisfying(
            HostGoneException.class, gone -> assertThat(gone.isLate()).isTrue());
    assertThat(host.isAlive()).isFalse();
  }

  @Test
  void whatIsLoggedOrPrintedIsKeptWithoutControlCharacters() throws Exception {
    call("log");
    call("print");
    call("chatter");
    await(() -> log.lines().stream().anyMatch(line -> line.text().equals("the last word")));

    assertThat(log.lines()).hasSizeLessThanOrEqualTo(500);
    assertThat(call("echo").payload()).isEqualTo(INPUT);
  }

  private static void await(java.util.function.BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }
}

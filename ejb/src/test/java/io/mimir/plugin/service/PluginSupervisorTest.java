package io.mimir.plugin.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.plugin.PluginState;
import io.mimir.plugin.service.PluginCallException.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginSupervisorTest {

  private static final byte[] INPUT = "in".getBytes(StandardCharsets.UTF_8);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;

  private final AtomicInteger launched = new AtomicInteger();
  private PluginSupervisor supervisor;

  @BeforeEach
  void start() {
    supervisor =
        new PluginSupervisor(
            memory -> {
              launched.incrementAndGet();
              return FakeHost.start(folder);
            },
            1,
            256,
            5);
  }

  @AfterEach
  void stop() {
    supervisor.close();
  }

  private static PluginSpec spec(String config) {
    Map<String, PluginSpec.Action> actions = new java.util.HashMap<>();
    for (String name : List.of("slow", "crash", "hang", "pid", "wait-for-cancel")) {
      actions.put(name, new PluginSpec.Action(false, null));
    }
    actions.put("echo", new PluginSpec.Action(true, null));
    actions.put("half", new PluginSpec.Action(false, Duration.ofMillis(50)));
    return new PluginSpec(
        "fake",
        Path.of("fake.so"),
        new byte[32],
        "{}".getBytes(StandardCharsets.UTF_8),
        () -> config.getBytes(StandardCharsets.UTF_8),
        new PluginSpec.Limits(256, 4, PATIENCE),
        actions);
  }

  private byte[] call(String action) throws PluginCallException {
    return supervisor.call("fake", action, INPUT, null);
  }

  private Kind failureOf(String action) {
    try {
      call(action);
      return null;
    } catch (PluginCallException e) {
      return e.kind();
    }
  }

  private PluginState state() {
    return supervisor.view("fake").orElseThrow().state();
  }

  private void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void aPluginRunsAndTellsOfItsJail() throws Exception {
    supervisor.start(spec(""));

    assertThat(call("echo")).isEqualTo(INPUT);
    assertThat(state()).isEqualTo(PluginState.RUNNING);
    assertThat(new String(supervisor.view("fake").orElseThrow().jail(), StandardCharsets.UTF_8))
        .contains("missing");
    assertThat(failureOf("nothing")).isEqualTo(Kind.UNKNOWN_ACTION);
    assertThatThrownBy(() -> supervisor.call("other", "echo", INPUT, null))
        .isInstanceOf(PluginCallException.class);
  }

  @Test
  void aReloadUnderLoadLosesNoCall() throws Exception {
    supervisor.start(spec(""));
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService callers = Executors.newFixedThreadPool(4);
    List<Future<Integer>> counts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      counts.add(callers.submit(() -> callUntil(over)));
    }
    Set<String> pids = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      supervisor.start(spec(""));
      pids.add(new String(call("pid"), StandardCharsets.UTF_8));
    }
    over.set(true);
    for (Future<Integer> count : counts) {
      assertThat(count.get(20, TimeUnit.SECONDS)).isPositive();
    }
    callers.shutdown();

    assertThat(pids).hasSize(5);
    assertThat(supervisor.view("fake").orElseThrow().generation()).isEqualTo(6);
  }

  private int callUntil(AtomicBoolean over) throws PluginCallException {
    int count = 0;
    while (!over.get()) {
      assertThat(call(count % 50 == 0 ? "slow" : "echo")).isEqualTo(INPUT);
      count++;
    }
    return count;
  }

  @Test
  void aReloadThatFailsLeavesTheOldOneRunning() throws Exception {
    supervisor.start(spec(""));
    byte[] pid = call("pid");

    assertThatThrownBy(() -> supervisor.start(spec("refuse")))
        .isInstanceOf(PluginStartException.class)
        .hasMessageContaining("It does not want to");
    assertThatThrownBy(() -> supervisor.start(spec("crash")))
        .isInstanceOf(PluginStartException.class)
        .hasMessageContaining("SIGABRT");

    assertThat(call("pid")).isEqualTo(pid);
    assertThat(state()).isEqualTo(PluginState.RUNNING);
  }

  @Test
  void aFirstStartThatFailsLeavesNothingBehind() {
    assertThatThrownBy(() -> supervisor.start(spec("refuse")))
        .isInstanceOfSatisfying(
            PluginStartException.class,
            e -> assertThat(e.state()).isEqualTo(PluginState.INCOMPATIBLE));

    assertThat(supervisor.view("fake")).isEmpty();
  }

  @Test
  void aCrashEndsItsCallAndTheNextOneFindsItUpAgain() throws Exception {
    supervisor.start(spec(""));

    assertThat(failureOf("crash")).isEqualTo(Kind.CRASHED);
    assertThat(call("echo")).isEqualTo(INPUT);
    assertThat(supervisor.view("fake").orElseThrow().generation()).isEqualTo(2);
  }

  @Test
  void anIdempotentCallThatWasHitByACrashIsMadeAgain() throws Exception {
    supervisor.start(spec(""));
    ExecutorService callers = Executors.newFixedThreadPool(2);
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger count = new AtomicInteger();
    Future<?> echoes =
        callers.submit(
            () -> {
              while (!over.get()) {
                call("echo");
                count.incrementAndGet();
              }
              return null;
            });
    for (int i = 0; i < 3; i++) {
      assertThat(failureOf("crash")).isEqualTo(Kind.CRASHED);
      int before = count.get();
      await(() -> count.get() > before + 20);
    }
    over.set(true);

    echoes.get(20, TimeUnit.SECONDS);
    callers.shutdown();
  }

  @Test
  void fiveCrashesInAMinuteAreEnoughUntilSomebodyStartsItAgain() throws Exception {
    supervisor.start(spec(""));
    for (int i = 0; i < 5; i++) {
      assertThat(failureOf("crash")).isEqualTo(Kind.CRASHED);
    }
    await(() -> state() == PluginState.QUARANTINED);

    assertThat(failureOf("echo")).isEqualTo(Kind.NOT_RUNNING);
    assertThat(supervisor.view("fake").orElseThrow().reason()).contains("SIGSEGV");
    supervisor.start(spec(""));
    assertThat(call("echo")).isEqualTo(INPUT);
  }

  @Test
  void whatCrashesWhileItLoadsIsTriedTwice() throws Exception {
    supervisor.startLater(spec("crash"));
    await(
        () -> supervisor.view("fake").map(v -> v.state() == PluginState.QUARANTINED).orElse(false));

    assertThat(launched.get()).isLessThanOrEqualTo(4);
  }

  @Test
  void aCallThatTakesTooLongEndsAndTheNextOneWorks() throws Exception {
    supervisor.start(spec(""));

    assertThat(failureOf("half")).isEqualTo(Kind.DEADLINE);
    assertThat(call("echo")).isEqualTo(INPUT);
    assertThatThrownBy(
            () -> supervisor.call("fake", "wait-for-cancel", INPUT, Duration.ofMillis(50)))
        .isInstanceOfSatisfying(
            PluginCallException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DEADLINE));
  }

  @Test
  void moreCallsThanItMayHaveAreRefusedAtOnce() throws Exception {
    supervisor.start(spec(""));
    ExecutorService callers = Executors.newCachedThreadPool();
    List<Future<Kind>> calls = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      calls.add(callers.submit(() -> failureOf("slow")));
    }
    int busy = 0;
    for (Future<Kind> each : calls) {
      Kind kind = each.get(30, TimeUnit.SECONDS);
      assertThat(kind).isIn(null, Kind.BUSY);
      busy += kind == Kind.BUSY ? 1 : 0;
    }
    callers.shutdown();

    assertThat(busy).isPositive();
    assertThat(call("echo")).isEqualTo(INPUT);
  }

  @Test
  void stoppingWaitsForTheCallsThatRun() throws Exception {
    supervisor.start(spec(""));
    ExecutorService caller = Executors.newSingleThreadExecutor();
    Future<Kind> slow = caller.submit(() -> failureOf("slow"));
    TimeUnit.MILLISECONDS.sleep(50);
    supervisor.stop("fake");

    assertThat(slow.get(5, TimeUnit.SECONDS)).isNull();
    assertThat(failureOf("echo")).isEqualTo(Kind.NOT_RUNNING);
    assertThat(supervisor.view("fake")).isEmpty();
    caller.shutdown();
  }
}

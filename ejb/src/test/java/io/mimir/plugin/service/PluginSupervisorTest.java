package io.mimir.plugin.service;

import static io.mimir.plugin.PluginState.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.plugin.PluginState;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.manifest.Quota;
import io.mimir.plugin.service.PluginCallException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PluginSupervisorTest {

  private static final byte[] INPUT = "in".getBytes(StandardCharsets.UTF_8);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final WarmHostPool.Jail JAIL = new WarmHostPool.Jail(256, false);

  @TempDir Path folder;

  @TempDir Path plugins;

  private Path library;

  private final AtomicInteger launched = new AtomicInteger();
  private PluginSupervisor supervisor;

  @BeforeEach
  void start() throws IOException {
    library = Files.write(plugins.resolve("fake.so"), new byte[600 * 1024]);
    supervisor =
        new PluginSupervisor(
            jail -> {
              launched.incrementAndGet();
              return new WarmHostPool.Launched(FakeHost.start(folder), folder);
            },
            1,
            JAIL,
            5);
  }

  @AfterEach
  void stop() {
    supervisor.close();
  }

  private PluginSpec spec(String config) {
    return spec(config, Quota.DEFAULT);
  }

  private PluginSpec spec(String config, Quota quota) {
    Map<String, PluginSpec.Action> actions = new java.util.HashMap<>();
    for (String name :
        List.of(
            "slow",
            "crash",
            "hang",
            "pid",
            "wait-for-cancel",
            "files",
            "bytes",
            "threads",
            "spin",
            "work")) {
      actions.put(name, new PluginSpec.Action(false, null));
    }
    actions.put("echo", new PluginSpec.Action(true, null));
    actions.put("half", new PluginSpec.Action(false, Duration.ofMillis(50)));
    return new PluginSpec(
        "fake",
        library,
        new byte[32],
        "{}".getBytes(StandardCharsets.UTF_8),
        () -> config.getBytes(StandardCharsets.UTF_8),
        new PluginSpec.Limits(JAIL, 4, PATIENCE, quota),
        actions);
  }

  private byte[] call(String action) throws PluginCallException {
    return supervisor.call("fake", action, INPUT, CallContext.lasting(null));
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
    assertThatThrownBy(() -> supervisor.call("other", "echo", INPUT, CallContext.lasting(null)))
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
    assertThat(supervisor.view("fake").orElseThrow().message()).contains("SIGSEGV");
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
            () ->
                supervisor.call(
                    "fake", "wait-for-cancel", INPUT, CallContext.lasting(Duration.ofMillis(50))))
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
  void whatHasNoFileAnyMoreDoesNotStartAndWhatRanGoesOn() throws Exception {
    supervisor.start(spec(""));
    Files.delete(library);

    assertThatThrownBy(() -> supervisor.start(spec("")))
        .isInstanceOfSatisfying(
            PluginStartException.class,
            e -> assertThat(e.reason()).isEqualTo(RefusalReason.FILE_MISSING));
    assertThat(call("echo")).isEqualTo(INPUT);
  }

  /** Limits that a well-behaved plugin never comes near, and the fake one oversteps when asked. */
  private static final Quota TIGHT = new Quota(1, 100, 50, Duration.ofMillis(500));

  @ParameterizedTest
  @CsvSource({
    "files, 100 files of work_files",
    "threads, 50 threads of its limits",
    "spin, 500 ms of processor time a minute of idle_cpu_ms",
  })
  void whatUsesMoreThanItMayIsEndedAndStartedAgain(String deed, String what) throws Exception {
    supervisor.start(spec("", TIGHT));

    // It may be ended before its answer is out.
    assertThat(failureOf(deed)).isIn(null, Kind.CRASHED);
    await(() -> supervisor.view("fake").orElseThrow().generation() == 2 && state() == RUNNING);

    assertThat(call("echo")).isEqualTo(INPUT);
    assertThat(supervisor.log("fake").orElseThrow().lines())
        .anyMatch(line -> line.text().contains(what) && line.text().contains("QUOTA_EXCEEDED"));
    clear();
  }

  @Test
  void aCallThatUsesMoreThanItMayHearsSo() throws Exception {
    supervisor.start(spec("", TIGHT));

    assertThatThrownBy(() -> call("bytes"))
        .isInstanceOfSatisfying(
            PluginCallException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CRASHED))
        .hasMessageContaining("1 MiB of work_mb")
        .hasMessageContaining("QUOTA_EXCEEDED");
    clear();
  }

  @Test
  void whatUsesTooMuchAgainAndAgainIsStartedNoMore() throws Exception {
    supervisor.start(spec("", TIGHT));
    Files.write(folder.resolve("large"), new byte[2 * 1024 * 1024]);
    await(() -> state() == PluginState.QUARANTINED);

    SupervisedPlugin.View view = supervisor.view("fake").orElseThrow();
    assertThat(view.reason()).isEqualTo(RefusalReason.QUOTA_EXCEEDED);
    assertThat(view.message()).contains("work_mb");
  }

  @Test
  void processorTimeDuringACallIsTheCalls() throws Exception {
    supervisor.start(spec("", TIGHT));

    assertThat(call("work")).isEqualTo(INPUT);
    TimeUnit.MILLISECONDS.sleep(600);

    assertThat(supervisor.view("fake").orElseThrow().generation()).isEqualTo(1);
  }

  /** The fake host has no work folder of its own that would go with it. */
  private void clear() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
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

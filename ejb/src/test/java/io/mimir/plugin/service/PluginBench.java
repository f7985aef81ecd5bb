package io.mimir.plugin.service;

import io.mimir.plugin.PluginState;
import io.mimir.plugin.kit.host.HostCommand;
import io.mimir.plugin.kit.host.HostFolder;
import io.mimir.plugin.kit.manifest.Quota;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Plugins in the server's code and in real jails, without the rest of the server: what a call
 * costs, what a reload costs those who call, and how soon there is an answer again after a crash.
 * Run by {@code bench/plugins}; ends with 1 when a target is missed.
 */
final class PluginBench implements AutoCloseable {

  private static final List<String> CRASHES =
      List.of(
          "segfault",
          "abort",
          "exit",
          "stack overflow",
          "hunger",
          "loop",
          "fork bomb",
          "break the frames");

  private static final int MEMORY_MB = 256;
  private static final WarmHostPool.Jail JAIL = new WarmHostPool.Jail(MEMORY_MB, false);

  /** Room for what the host writes before the plugin runs. */
  private static final Duration LOOP_LIMIT = Duration.ofMillis(100);

  private static boolean missed;

  private final Path home = Files.createTempDirectory("mimir-bench-plugins");
  private final Path host = home.resolve("host");
  private final Path library;
  private final byte[] sha256;
  private final byte[] manifest = "{\"name\":\"subject\"}".getBytes(StandardCharsets.US_ASCII);
  private final PluginSupervisor supervisor;

  private PluginBench(Path library, List<Path> jars, int spares) throws Exception {
    this.library = library;
    sha256 = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(library));
    HostFolder.unpack(
        host,
        name ->
            Files.newInputStream(
                jars.stream()
                    .filter(jar -> jar.getFileName().toString().startsWith(name.split("\\.")[0]))
                    .findFirst()
                    .orElseThrow()));
    supervisor = new PluginSupervisor(this::launch, spares, JAIL, Integer.MAX_VALUE);
  }

  private WarmHostPool.Launched launch(WarmHostPool.Jail jail) throws IOException {
    Path work = Files.createDirectory(home.resolve(UUID.randomUUID().toString()));
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    HostCommand command = new HostCommand(java, host, work, jail.memoryMb(), jail.tree(), true);
    return new WarmHostPool.Launched(command.start(), work);
  }

  private PluginSpec spec(String name) {
    Map<String, PluginSpec.Action> actions = new HashMap<>();
    actions.put("echo", new PluginSpec.Action(true, null));
    for (String crash : CRASHES) {
      actions.put(crash, new PluginSpec.Action(false, crash.equals("loop") ? LOOP_LIMIT : null));
    }
    return new PluginSpec(
        name,
        library,
        sha256,
        manifest,
        () -> "{}".getBytes(StandardCharsets.US_ASCII),
        new PluginSpec.Limits(JAIL, 1, Duration.ofSeconds(30), Quota.DEFAULT),
        actions);
  }

  /**
   * {@code LIBRARY JAR...}: the subject of the host's tests, and what a host is made of.
   *
   * @throws Exception when anything but a measurement goes wrong
   */
  public static void main(String[] arguments) throws Exception {
    Locale.setDefault(Locale.ROOT);
    Logger.getLogger("io.mimir").setLevel(Level.OFF);
    Path library = Path.of(arguments[0]).toAbsolutePath();
    List<Path> jars = Arrays.stream(arguments).skip(1).map(Path::of).toList();
    try (PluginBench bench = new PluginBench(library, jars, 1)) {
      String parts = System.getProperty("mimir.parts", "calls reloads crashes");
      if (parts.contains("calls")) {
        bench.calls();
      }
      if (parts.contains("reloads")) {
        bench.reloads();
      }
      if (parts.contains("crashes")) {
        bench.crashes();
      }
    }
    System.exit(missed ? 1 : 0);
  }

  private static double percentile(long[] sorted, int percent) {
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
  }

  private static void tell(String what, double value, double most, String unit) {
    boolean good = value <= most;
    missed |= !good;
    System.out.printf(
        "%-52s %8.1f %s, at most %.0f%s%n", what, value, unit, most, good ? "" : "  MISSED");
  }

  /** A call of 1 KB, and one of a method that does nothing, one after the other in one loop. */
  private void calls() throws Exception {
    supervisor.start(spec("calls"));
    byte[] input = new byte[1024];
    UnaryOperator<byte[]> nothing = bytes -> bytes;
    long[] jailed = new long[200_000];
    long[] empty = new long[jailed.length];
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < jailed.length; i++) {
        long start = System.nanoTime();
        supervisor.call("calls", "echo", input, CallContext.lasting(null));
        long middle = System.nanoTime();
        nothing.apply(input);
        empty[i] = System.nanoTime() - middle;
        jailed[i] = middle - start;
      }
    }
    Arrays.sort(jailed);
    Arrays.sort(empty);
    tell(
        "1 KB through the jail, p50 above an empty call",
        (percentile(jailed, 50) - percentile(empty, 50)) / 1e3,
        25,
        "us");
    tell(
        "1 KB through the jail, p99 above an empty call",
        (percentile(jailed, 99) - percentile(empty, 99)) / 1e3,
        150,
        "us");
    supervisor.stop("calls");
  }

  /** Calls without a break until it is stopped, and counts those that fail. */
  private final class Caller {

    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean over;

    Caller(String name, int count, long pauseMs) {
      for (int i = 0; i < count; i++) {
        Thread thread = new Thread(() -> run(name, pauseMs), "caller-" + i);
        thread.start();
        threads.add(thread);
      }
    }

    private void run(String name, long pauseMs) {
      byte[] input = new byte[1024];
      while (!over) {
        try {
          supervisor.call(name, "echo", input, CallContext.lasting(null));
          TimeUnit.MILLISECONDS.sleep(pauseMs);
        } catch (PluginCallException e) {
          failed.incrementAndGet();
          System.out.println("A call failed: " + e.getMessage());
        } catch (InterruptedException e) {
          return;
        }
        calls.incrementAndGet();
      }
    }

    void stop() throws InterruptedException {
      over = true;
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private void awaitSpare() throws InterruptedException {
    while (supervisor.spares().waiting() == 0) {
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  private void reloads() throws Exception {
    supervisor.start(spec("reloads"));
    long[] nanos = new long[100];
    Caller caller = new Caller("reloads", 4, 0);
    try {
      for (int i = 0; i < nanos.length; i++) {
        awaitSpare();
        long start = System.nanoTime();
        supervisor.start(spec("reloads"));
        nanos[i] = System.nanoTime() - start;
      }
    } finally {
      caller.stop();
    }
    Arrays.sort(nanos);
    System.out.printf("%d reloads under 4 threads, %d calls%n", nanos.length, caller.calls.get());
    tell("failed calls", caller.failed.get(), 0, "");
    tell("a reload, p50", percentile(nanos, 50) / 1e6, 30, "ms");
    System.out.printf("%-52s %8.1f ms%n", "a reload, slowest", nanos[nanos.length - 1] / 1e6);
    supervisor.stop("reloads");
  }

  private void crashes() throws Exception {
    long pid = ProcessHandle.current().pid();
    supervisor.start(spec("steady"));
    Map<String, List<Long>> byKind = new HashMap<>();
    int attempts = 200;
    Caller steady = new Caller("steady", 1, 1);
    try {
      for (int i = 0; i < attempts; i++) {
        String kind = CRASHES.get(i % CRASHES.size());
        OptionalLong took = crash("crash-" + i, kind);
        if (took.isPresent()) {
          byKind.computeIfAbsent(kind, any -> new ArrayList<>()).add(took.getAsLong());
        }
      }
    } finally {
      steady.stop();
    }
    long[] nanos =
        byKind.values().stream().flatMap(List::stream).mapToLong(any -> any).sorted().toArray();
    byKind.forEach(
        (kind, each) ->
            System.out.printf(
                "  %-20s %3d times, next good call after %.1f ms in the median%n",
                kind,
                each.size(),
                each.stream().mapToLong(any -> any).sorted().toArray()[each.size() / 2] / 1e6));
    System.out.printf(
        "%d attempts, %d crashes, %d calls of another plugin%n",
        attempts, nanos.length, steady.calls.get());
    tell("failed calls of the other plugin", steady.failed.get(), 0, "");
    tell("the server's pid changed", ProcessHandle.current().pid() == pid ? 0 : 1, 0, "");
    tell("next good call after a crash, p50", percentile(nanos, 50) / 1e6, 15, "ms");
    tell("next good call after a crash, p99", percentile(nanos, 99) / 1e6, 250, "ms");
  }

  /**
   * A plugin of its own for each crash: the second one within a minute waits before its start.
   *
   * @return nanoseconds to the next good call; empty when the jail kept the process from ending
   */
  private OptionalLong crash(String name, String kind) throws Exception {
    supervisor.start(spec(name));
    awaitSpare();
    int before = supervisor.view(name).orElseThrow().generation();
    byte[] input = new byte[1024];
    try {
      supervisor.call(name, kind, input, CallContext.lasting(null));
    } catch (PluginCallException e) {
      // That is what was asked for.
    }
    long start = System.nanoTime();
    while (true) {
      try {
        supervisor.call(name, "echo", input, CallContext.lasting(null));
        long took = System.nanoTime() - start;
        SupervisedPlugin.View view = supervisor.view(name).orElseThrow();
        if (view.state() != PluginState.RUNNING) {
          throw new IllegalStateException("It answers and does not run");
        }
        supervisor.stop(name);
        return view.generation() > before ? OptionalLong.of(took) : OptionalLong.empty();
      } catch (PluginCallException e) {
        if (e.kind() != PluginCallException.Kind.CRASHED) {
          throw e;
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    supervisor.close();
  }
}

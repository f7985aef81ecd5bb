package io.mimir.plugin.service;

import io.mimir.plugin.PluginState;
import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameException;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.frame.LoadRequest;
import io.mimir.plugin.service.PluginCallException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** One plugin that is to run: started, called, replaced, and started again when it falls over. */
final class SupervisedPlugin {

  /** How many calls of one plugin may be under way, waiting ones included. */
  static final int MAX_CALLS = 64;

  private static final Duration LOAD = Duration.ofSeconds(10);
  private static final Duration HEALTH = Duration.ofSeconds(5);
  private static final Duration DRAIN = Duration.ofSeconds(30);
  private static final Duration WINDOW = Duration.ofSeconds(60);

  /** A crash while loading says that the next start will end so, too. */
  private static final int LOAD_CRASHES = 2;

  private static final List<Duration> PAUSES =
      List.of(
          Duration.ZERO,
          Duration.ofMillis(100),
          Duration.ofMillis(500),
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30));

  private final PluginSupervisor supervisor;
  private final Semaphore slots = new Semaphore(MAX_CALLS);
  private final Deque<Long> crashes = new ArrayDeque<>();
  private PluginSpec spec;
  private PluginState state = PluginState.STARTING;
  private String reason;
  private int failedLoads;
  private volatile Generation current;
  private volatile int number;
  private volatile PluginLog log = new PluginLog();

  SupervisedPlugin(PluginSupervisor supervisor, PluginSpec spec) {
    this.supervisor = supervisor;
    this.spec = spec;
  }

  /**
   * What is to be seen of it.
   *
   * @param reason why it is in this state, for people; null when there is nothing to say
   * @param generation how often it was started
   * @param jail what its process said of its jail, UTF-8 JSON; null before there was one
   */
  record View(PluginState state, String reason, int generation, byte[] jail) {}

  synchronized View view() {
    return new View(state, reason, number, current == null ? null : current.jail());
  }

  PluginLog log() {
    return log;
  }

  /**
   * Starts the next generation and lets it take over; the one before ends its calls. When it does
   * not come up, the one before goes on, if there is one.
   */
  void start(PluginSpec next) throws PluginStartException {
    Generation fresh;
    synchronized (supervisor.lockOf(next.name())) {
      fresh = bringUp(next);
      Generation old = take(fresh);
      if (old != null) {
        supervisor.inBackground(() -> old.drain(DRAIN));
      }
    }
    // Outside of the lock: it may have ended already, and that is handled here.
    fresh.process().onEnd(() -> crashed(fresh));
  }

  private synchronized Generation take(Generation fresh) throws PluginStartException {
    if (state == PluginState.DISABLED) {
      fresh.process().close();
      throw new PluginStartException(PluginState.DISABLED, "It was stopped while it came up");
    }
    Generation old = current;
    spec = fresh.spec();
    current = fresh;
    state = PluginState.RUNNING;
    reason = null;
    failedLoads = 0;
    notifyAll();
    if (old != null) {
      old.leave();
    }
    supervisor.changed(spec.name(), state, null);
    return old;
  }

  private Generation bringUp(PluginSpec next) throws PluginStartException {
    WarmHostPool.Ready host;
    try {
      host = supervisor.spares().take(next.limits().memoryMb());
    } catch (IOException e) {
      throw new PluginStartException(
          PluginState.RESTARTING, "Its process did not start: " + e.getMessage());
    }
    boolean up = false;
    try {
      load(next, host.process());
      up = true;
      log = host.log();
      return new Generation(++number, next, host.process(), host.hello());
    } catch (HostGoneException e) {
      throw new PluginStartException(
          PluginState.RESTARTING, "It did not come up. " + e.getMessage());
    } catch (FrameException e) {
      throw new PluginStartException(
          PluginState.RESTARTING, "Its process broke the protocol: " + e.getMessage());
    } finally {
      if (!up) {
        if (current == null) {
          log = host.log();
        }
        host.process().close();
      }
      supervisor.fillLater();
    }
  }

  private static void load(PluginSpec next, HostProcess process)
      throws PluginStartException, HostGoneException, FrameException {
    byte[] config = next.config().get();
    try {
      Frame answer =
          process.load(
              new LoadRequest(
                  next.file().toString(), next.sha256(), config, next.limits().concurrency()),
              LOAD);
      if (answer.type() != FrameType.READY) {
        throw refused(answer);
      }
      if (!Arrays.equals(answer.payload(), next.manifest())) {
        throw new PluginStartException(
            PluginState.TAMPERED, "The running plugin shows another manifest than its file");
      }
      process.ping(HEALTH);
    } finally {
      Arrays.fill(config, (byte) 0);
    }
  }

  private static PluginStartException refused(Frame answer) throws FrameException {
    Failure failure = Failure.of(answer.payload());
    String detail = plain(failure.detail());
    return switch (failure.code()) {
      case Failure.HASH_MISMATCH ->
          new PluginStartException(PluginState.TAMPERED, "Its file is not the one that is trusted");
      default ->
          new PluginStartException(PluginState.INCOMPATIBLE, "It refused to open: " + detail);
    };
  }

  private static String plain(byte[] text) {
    String line = new String(text, StandardCharsets.UTF_8).replaceAll("[\\p{Cc}\\p{Cf}]", " ");
    return line.length() > 500 ? line.substring(0, 500) + "…" : line;
  }

  /**
   * Calls an action.
   *
   * @param patience null for what the manifest says
   */
  byte[] call(String action, byte[] input, Duration patience) throws PluginCallException {
    if (!slots.tryAcquire()) {
      throw new PluginCallException(Kind.BUSY, "The plugin has as many calls as it may have");
    }
    try {
      return callWithin(action, input, patience);
    } finally {
      slots.release();
    }
  }

  private byte[] callWithin(String action, byte[] input, Duration patience)
      throws PluginCallException {
    long start = System.nanoTime();
    Duration limit = patience;
    for (int attempt = 1; ; attempt++) {
      Generation generation = entered(start, limit);
      PluginSpec.Action offered = generation.spec().action(action).orElse(null);
      try {
        if (offered == null) {
          throw new PluginCallException(
              Kind.UNKNOWN_ACTION, "The plugin has no action of this name");
        }
        limit = patience == null ? generation.spec().timeout(offered) : patience;
        Duration left = limit.minusNanos(System.nanoTime() - start);
        return result(generation.call(action, input, left));
      } catch (HostGoneException e) {
        if (supervisor.isClosed()) {
          throw stopping();
        }
        if (e.isLate()) {
          throw new PluginCallException(Kind.DEADLINE, "The plugin did not answer in time");
        }
        if (attempt > 1 || offered == null || !offered.idempotent()) {
          throw new PluginCallException(
              Kind.CRASHED, "The plugin's process ended during the call. " + e.getMessage());
        }
      } finally {
        generation.exit();
      }
    }
  }

  /** The generation that takes calls now; waits for it while the plugin is being started again. */
  private Generation entered(long start, Duration patience) throws PluginCallException {
    Generation now = current;
    if (now != null && now.enter()) {
      return now;
    }
    Duration limit = patience == null ? specNow().limits().callTimeout() : patience;
    long end = start + limit.toNanos();
    synchronized (this) {
      while (true) {
        if (current != null && current.enter()) {
          return current;
        }
        boolean coming =
            state == PluginState.STARTING
                || state == PluginState.RESTARTING
                || state == PluginState.RUNNING;
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (!coming || left <= 0) {
          throw new PluginCallException(
              Kind.NOT_RUNNING, "The plugin is not running: it is " + state.code());
        }
        awaitChange(Math.min(left, 100));
      }
    }
  }

  private void awaitChange(long millis) throws PluginCallException {
    try {
      wait(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopping();
    }
  }

  private static PluginCallException stopping() {
    return new PluginCallException(Kind.STOPPING, "The server is stopping: try again soon");
  }

  private synchronized PluginSpec specNow() {
    return spec;
  }

  private static byte[] result(Frame answer) throws PluginCallException {
    if (answer.type() == FrameType.RESULT) {
      return answer.payload();
    }
    Failure failure;
    try {
      failure = Failure.of(answer.payload());
    } catch (FrameException e) {
      throw new PluginCallException(Kind.CRASHED, "The plugin's process broke the protocol");
    }
    throw switch (failure.code()) {
      case Failure.APPLICATION ->
          new PluginCallException(Kind.REFUSED, "The plugin refused the call", failure.detail());
      case Failure.UNKNOWN_ACTION ->
          new PluginCallException(Kind.UNKNOWN_ACTION, "The plugin has no action of this name");
      case Failure.BAD_INPUT ->
          new PluginCallException(
              Kind.BAD_INPUT, "The plugin found the input wrong", failure.detail());
      case Failure.CANCELLED ->
          new PluginCallException(Kind.DEADLINE, "The plugin did not answer in time");
      default ->
          new PluginCallException(
              Kind.CRASHED, "The plugin's answer is none: " + plain(failure.detail()));
    };
  }

  private void crashed(Generation generation) {
    Duration pause;
    synchronized (this) {
      if (generation != current || generation.isLeft() || supervisor.isClosed()) {
        return;
      }
      long now = System.nanoTime();
      crashes.addLast(now);
      while (now - crashes.peekFirst() > WINDOW.toNanos()) {
        crashes.removeFirst();
      }
      reason = generation.process().end();
      if (crashes.size() >= supervisor.crashLimit()) {
        quarantine();
        return;
      }
      become(PluginState.RESTARTING, reason);
      pause = PAUSES.get(Math.min(crashes.size() - 1, PAUSES.size() - 1));
    }
    supervisor.later(this::restart, pause);
  }

  private void restart() {
    PluginSpec again;
    synchronized (this) {
      if (state != PluginState.RESTARTING) {
        return;
      }
      again = spec;
    }
    try {
      start(again);
    } catch (PluginStartException e) {
      failed(e);
    }
  }

  /**
   * Says why the plugin is not running after a start that failed, and tries again where that helps.
   */
  void failed(PluginStartException e) {
    synchronized (this) {
      if (current != null && current.process().isAlive() && !current.isLeft()) {
        return;
      }
      if (e.state() != PluginState.RESTARTING) {
        become(e.state(), e.getMessage());
        return;
      }
      reason = e.getMessage();
      failedLoads++;
      if (failedLoads >= LOAD_CRASHES) {
        quarantine();
        return;
      }
      become(PluginState.RESTARTING, reason);
    }
    supervisor.later(this::restart, PAUSES.get(1));
  }

  private void quarantine() {
    become(
        PluginState.QUARANTINED,
        "It crashed too often. " + reason + ". Reload it, or replace it by another version");
  }

  private void become(PluginState next, String why) {
    state = next;
    reason = why;
    notifyAll();
    supervisor.changed(spec.name(), next, why);
  }

  /** Forgets what happened, for a start that somebody asked for. */
  synchronized void pardon() {
    crashes.clear();
    failedLoads = 0;
    if (current == null || !current.process().isAlive()) {
      state = PluginState.STARTING;
    }
  }

  /** Lets running calls end and stops. */
  void stop() {
    Generation last;
    synchronized (this) {
      state = PluginState.DISABLED;
      reason = null;
      last = current;
      current = null;
      notifyAll();
      if (last != null) {
        last.leave();
      }
    }
    if (last != null) {
      last.drain(DRAIN);
    }
  }
}

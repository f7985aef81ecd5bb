package io.mimir.plugin.service;

import io.mimir.plugin.PluginState;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameException;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.kit.frame.LoadRequest;
import io.mimir.plugin.service.PluginCallException.Kind;
import java.io.IOException;
import java.io.InputStream;
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
  private RefusalReason reason;
  private String message;
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
   * @param reason why it is in this state; null when there is nothing to say
   * @param message the same for people; null when there is nothing to say
   * @param generation how often it was started
   * @param jail what its process said of its jail, UTF-8 JSON; null before there was one
   */
  record View(
      PluginState state, RefusalReason reason, String message, int generation, byte[] jail) {}

  synchronized View view() {
    return new View(state, reason, message, number, current == null ? null : current.jail());
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
      throw new PluginStartException(PluginState.DISABLED, null, "It was stopped while it came up");
    }
    if (state == PluginState.RESTARTING && message != null) {
      // The log began anew with the process, and this is why.
      log.note("The process before this one ended. " + message);
    }
    Generation old = current;
    spec = fresh.spec();
    current = fresh;
    state = PluginState.RUNNING;
    reason = null;
    message = null;
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
      host = supervisor.spares().take(next.limits().jail());
    } catch (IOException e) {
      throw new PluginStartException(
          PluginState.RESTARTING,
          RefusalReason.START_FAILED,
          "Its process did not start: " + e.getMessage());
    }
    boolean up = false;
    try {
      load(next, host);
      up = true;
      log = host.log();
      return new Generation(++number, next, host.process(), host.hello());
    } catch (HostGoneException e) {
      throw new PluginStartException(
          PluginState.RESTARTING,
          endOf(host.process()).reason(),
          "It did not come up. " + e.getMessage());
    } catch (FrameException e) {
      throw new PluginStartException(
          PluginState.RESTARTING,
          RefusalReason.CRASHED,
          "Its process broke the protocol: " + e.getMessage());
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

  /** How a process that somebody heard the end of ended. */
  private static HostEnd endOf(HostProcess process) {
    HostEnd end = process.end();
    return end == null ? new HostEnd(RefusalReason.CRASHED, "It was too late") : end;
  }

  private static void load(PluginSpec next, WarmHostPool.Ready host)
      throws PluginStartException, HostGoneException, FrameException {
    HostProcess process = host.process();
    PluginSpec.Limits limits = next.limits();
    process.bound(
        new QuotaWatch(
            limits.quota(), limits.concurrency(), process.pid(), host.work(), System.nanoTime()));
    byte[] config = next.config().get();
    try (InputStream file = PluginStore.read(next.file())) {
      Frame answer =
          process.load(file, new LoadRequest(next.sha256(), config, limits.concurrency()), LOAD);
      if (answer.type() != FrameType.READY) {
        throw PluginAnswers.notReady(answer);
      }
      if (!Arrays.equals(answer.payload(), next.manifest())) {
        throw new PluginStartException(
            PluginState.TAMPERED,
            RefusalReason.HASH_MISMATCH,
            "The running plugin shows another manifest than its file");
      }
      process.ping(HEALTH);
    } catch (HostGoneException | FrameException e) {
      throw e;
    } catch (IOException e) {
      throw new PluginStartException(
          PluginState.MISSING, RefusalReason.FILE_MISSING, "Its file cannot be read");
    } finally {
      Arrays.fill(config, (byte) 0);
    }
  }

  /** Calls an action. */
  byte[] call(String action, byte[] input, CallContext context) throws PluginCallException {
    if (!slots.tryAcquire()) {
      throw new PluginCallException(Kind.BUSY, "The plugin has as many calls as it may have");
    }
    try {
      return callWithin(action, input, context);
    } finally {
      slots.release();
    }
  }

  private byte[] callWithin(String action, byte[] input, CallContext context)
      throws PluginCallException {
    long start = System.nanoTime();
    Duration patience = context.patience();
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
        return PluginAnswers.result(generation.call(action, input, left, context.cancelled()));
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
      HostEnd end = endOf(generation.process());
      if (crashes.size() >= supervisor.crashLimit()) {
        quarantine(end.reason(), end.sentence());
        return;
      }
      become(PluginState.RESTARTING, end.reason(), end.sentence());
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
        become(e.state(), e.reason(), e.getMessage());
        return;
      }
      failedLoads++;
      if (failedLoads >= LOAD_CRASHES) {
        quarantine(e.reason(), e.getMessage());
        return;
      }
      become(PluginState.RESTARTING, e.reason(), e.getMessage());
    }
    supervisor.later(this::restart, PAUSES.get(1));
  }

  private void quarantine(RefusalReason cause, String last) {
    become(PluginState.QUARANTINED, cause, "It ended too often. The last time: " + last);
  }

  private void become(PluginState next, RefusalReason cause, String why) {
    state = next;
    reason = cause;
    message = why;
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
      message = null;
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

package io.mimir.plugin.service;

import static java.lang.System.Logger.Level.WARNING;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hosts that are jailed and warm and wait for a plugin, so that a reload or a crash costs none of
 * the time that a process takes to start.
 */
final class WarmHostPool implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(WarmHostPool.class.getName());
  private static final Duration START = Duration.ofSeconds(10);
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  /**
   * What a process takes from itself before it knows its plugin.
   *
   * @param memoryMb what the plugin may use beside the host, in MiB
   * @param tree whether it may make folders, rename and remove in its work folder
   */
  record Jail(int memoryMb, boolean tree) {}

  /**
   * A child process.
   *
   * @param work the folder that it may write to
   */
  record Launched(Process process, Path work) {}

  /** Starts child processes. */
  @FunctionalInterface
  interface Launcher {
    Launched launch(Jail jail) throws IOException;
  }

  /**
   * A host that has said what its jail is.
   *
   * @param hello UTF-8 JSON
   * @param log of whatever plugin it will hold
   * @param work the folder that it may write to
   */
  record Ready(HostProcess process, byte[] hello, PluginLog log, Path work) {}

  private final Launcher launcher;
  private final Jail usual;
  private final Executor executor;
  private final int wanted;
  private final Queue<Ready> ready = new ConcurrentLinkedQueue<>();
  private final Set<HostProcess> living = ConcurrentHashMap.newKeySet();
  private final AtomicInteger coming = new AtomicInteger();
  private volatile boolean closed;

  /**
   * @param usual of the spares; a plugin that needs another one gets a process of its own
   * @param wanted how many to keep
   */
  WarmHostPool(Launcher launcher, Jail usual, int wanted, Executor executor) {
    this.launcher = launcher;
    this.usual = usual;
    this.wanted = wanted;
    this.executor = executor;
  }

  /** Starts what is missing, in the background. */
  void fill() {
    while (!closed && ready.size() + coming.get() < wanted) {
      coming.incrementAndGet();
      executor.execute(this::add);
    }
  }

  private void add() {
    try {
      Ready spare = start(usual);
      if (closed) {
        spare.process().close();
      } else {
        ready.add(spare);
      }
    } catch (IOException e) {
      if (!closed) {
        LOG.log(WARNING, "A spare host for plugins did not start: {0}", e.getMessage());
      }
    } finally {
      coming.decrementAndGet();
    }
  }

  /**
   * A spare when there is one that fits, else a process that is started now. Whoever takes one
   * fills up again once it has done with it: the start of a JVM would take the processors from it.
   */
  Ready take(Jail jail) throws IOException {
    if (jail.equals(usual)) {
      for (Ready spare = ready.poll(); spare != null; spare = ready.poll()) {
        if (spare.process().isAlive()) {
          return spare;
        }
      }
    }
    return start(jail);
  }

  private Ready start(Jail jail) throws IOException {
    PluginLog log = new PluginLog();
    Launched launched = launcher.launch(jail);
    HostProcess process = new HostProcess(launched.process(), log);
    living.add(process);
    process.onEnd(() -> living.remove(process));
    try {
      return new Ready(process, process.hello(START), log, launched.work());
    } catch (HostGoneException e) {
      process.close();
      throw new IOException(log.lastWords(LAST_WORDS).orElseGet(e::getMessage), e);
    }
  }

  /** How many are ready to be taken. */
  int waiting() {
    return ready.size();
  }

  /** Has every host that came from here keep its deadlines; to be called now and then. */
  void enforceDeadlines() {
    living.forEach(HostProcess::enforceDeadlines);
  }

  /** Has every host that came from here keep within its quota; to be called now and then. */
  void enforceQuotas() {
    living.forEach(HostProcess::enforceQuota);
  }

  /** Ends all that came from here, whether they wait or work. */
  @Override
  public void close() {
    closed = true;
    living.forEach(HostProcess::close);
  }
}

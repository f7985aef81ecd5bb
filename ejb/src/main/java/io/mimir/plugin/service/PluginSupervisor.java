package io.mimir.plugin.service;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.plugin.PluginState;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps the processes of all plugins: starts them, takes calls to them, replaces them under load,
 * and starts again what crashed, until that happens too often.
 */
final class PluginSupervisor implements AutoCloseable {

  private static final long FILL_MS = 100;

  private static final Set<PluginState> GIVEN_UP =
      EnumSet.of(
          PluginState.QUARANTINED,
          PluginState.TAMPERED,
          PluginState.INCOMPATIBLE,
          PluginState.MISSING);

  private static final System.Logger LOG = System.getLogger(PluginSupervisor.class.getName());

  private static final long WATCH_MS = 20;

  /** Four times a second, and not on the clock: a slow disk must not hold up deadlines. */
  private static final long LOOK_MS = 250;

  /** How many plugins may be coming up at a time. */
  private static final int STARTERS = 2;

  private final Map<String, SupervisedPlugin> plugins = new ConcurrentHashMap<>();
  private final Map<String, Object> locks = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor clock =
      new ScheduledThreadPoolExecutor(1, daemons("mimir-plugin-clock"));
  private final ScheduledThreadPoolExecutor looks =
      new ScheduledThreadPoolExecutor(1, daemons("mimir-plugin-quota"));
  private final ExecutorService starters =
      Executors.newFixedThreadPool(STARTERS, daemons("mimir-plugin-start"));
  private final ExecutorService background =
      Executors.newCachedThreadPool(daemons("mimir-plugin-work"));
  private final WarmHostPool spares;
  private final int crashLimit;
  private volatile boolean closed;
  private volatile Consumer<String> givenUp = name -> {};

  /**
   * @param spareCount how many warm hosts to keep
   * @param usual the jail of warm hosts
   * @param crashLimit how many crashes within a minute put a plugin into quarantine
   */
  PluginSupervisor(
      WarmHostPool.Launcher launcher, int spareCount, WarmHostPool.Jail usual, int crashLimit) {
    this.crashLimit = crashLimit;
    spares = new WarmHostPool(launcher, usual, spareCount, background);
    clock.scheduleAtFixedRate(spares::enforceDeadlines, WATCH_MS, WATCH_MS, TimeUnit.MILLISECONDS);
    looks.scheduleWithFixedDelay(spares::enforceQuotas, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
  }

  private static ThreadFactory daemons(String name) {
    return work -> {
      Thread thread = new Thread(work, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  WarmHostPool spares() {
    return spares;
  }

  boolean isClosed() {
    return closed;
  }

  int crashLimit() {
    return crashLimit;
  }

  /** One start at a time for each plugin. */
  Object lockOf(String name) {
    return locks.computeIfAbsent(name, any -> new Object());
  }

  void later(Runnable work, Duration pause) {
    clock.schedule(() -> starters.execute(work), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Has the calls that waited go first. */
  void fillLater() {
    clock.schedule(spares::fill, FILL_MS, TimeUnit.MILLISECONDS);
  }

  void inBackground(Runnable work) {
    background.execute(work);
  }

  void changed(String name, PluginState state, String why) {
    boolean bad = state != PluginState.RUNNING && state != PluginState.DISABLED;
    LOG.log(
        bad ? WARNING : INFO,
        "Plugin {0} is {1}{2}",
        name,
        state.code(),
        why == null ? "" : ": " + why);
    if (GIVEN_UP.contains(state)) {
      inBackground(() -> givenUp.accept(name));
    }
  }

  /** Tells of plugins that are not started again by themselves; on a thread of its own. */
  void onGivenUp(Consumer<String> listener) {
    givenUp = listener;
  }

  /** Starts a plugin in the background; {@link #view} tells how it went. */
  void startLater(PluginSpec spec) {
    spares.fill();
    SupervisedPlugin plugin =
        plugins.computeIfAbsent(spec.name(), name -> new SupervisedPlugin(this, spec));
    starters.execute(
        () -> {
          try {
            plugin.start(spec);
          } catch (PluginStartException e) {
            plugin.failed(e);
          }
        });
  }

  /**
   * Starts a plugin, or another version or configuration of it: a running one is left only when the
   * new one is up, and none of its calls is lost.
   *
   * @throws PluginStartException when it does not come up; one that ran before goes on
   */
  void start(PluginSpec spec) throws PluginStartException {
    boolean known = plugins.containsKey(spec.name());
    SupervisedPlugin plugin =
        plugins.computeIfAbsent(spec.name(), name -> new SupervisedPlugin(this, spec));
    plugin.pardon();
    try {
      plugin.start(spec);
    } catch (PluginStartException e) {
      if (!known) {
        plugins.remove(spec.name(), plugin);
      } else {
        plugin.failed(
            new PluginStartException(
                e.state() == PluginState.RESTARTING ? PluginState.QUARANTINED : e.state(),
                e.reason(),
                e.getMessage()));
      }
      throw e;
    }
  }

  /** Lets running calls end and stops it; returns when it has ended. */
  void stop(String name) {
    SupervisedPlugin plugin = plugins.remove(name);
    if (plugin != null) {
      plugin.stop();
    }
  }

  /**
   * Calls an action.
   *
   * @return what the action gave, by convention UTF-8 JSON
   */
  byte[] call(String name, String action, byte[] input, CallContext context)
      throws PluginCallException {
    SupervisedPlugin plugin = plugins.get(name);
    if (plugin == null) {
      throw new PluginCallException(
          PluginCallException.Kind.NOT_RUNNING, "The plugin is not running");
    }
    return plugin.call(action, input, context);
  }

  /** Returns the names of the plugins that are to run. */
  Set<String> names() {
    return Set.copyOf(plugins.keySet());
  }

  /** How it fares; empty when it is not to run. */
  Optional<SupervisedPlugin.View> view(String name) {
    return Optional.ofNullable(plugins.get(name)).map(SupervisedPlugin::view);
  }

  Optional<PluginLog> log(String name) {
    return Optional.ofNullable(plugins.get(name)).map(SupervisedPlugin::log);
  }

  /** Ends every process. */
  @Override
  public void close() {
    closed = true;
    clock.shutdownNow();
    looks.shutdownNow();
    starters.shutdownNow();
    spares.close();
    background.shutdownNow();
  }
}

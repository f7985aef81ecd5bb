package io.mimir.plugin.service;

import io.mimir.metrics.service.MetricsSource;
import io.mimir.plugin.PluginState;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Where plugins are, and how their calls went. */
@ApplicationScoped
public class PluginMetrics implements MetricsSource {

  private static final String SUCCESS = "success";

  private final Map<String, Map<String, LongAdder>> calls = new ConcurrentHashMap<>();

  @Inject PluginRegistry registry;

  /** A call of a plugin. */
  @FunctionalInterface
  public interface Call {
    byte[] make() throws PluginCallException;
  }

  /** Makes a call and counts how it went. */
  public byte[] counted(String plugin, Call call) throws PluginCallException {
    String outcome = "failure";
    try {
      byte[] result = call.make();
      outcome = SUCCESS;
      return result;
    } catch (PluginCallException e) {
      outcome = e.kind().name().toLowerCase(Locale.ROOT);
      throw e;
    } finally {
      calls
          .computeIfAbsent(plugin, fresh -> new ConcurrentHashMap<>())
          .computeIfAbsent(outcome, fresh -> new LongAdder())
          .increment();
    }
  }

  @Override
  public void report(Sink sink) {
    registry
        .standings()
        .forEach(
            (plugin, standing) -> {
              for (PluginState state : PluginState.values()) {
                sink.gauge(
                    "mimir_plugin_state",
                    "Whether an uploaded plugin is in this state.",
                    state == standing.state() ? 1 : 0,
                    "plugin",
                    plugin,
                    "state",
                    state.code());
              }
              sink.counter(
                  "mimir_plugin_restarts_total",
                  "How often the process of a plugin was started after the first time.",
                  Math.max(0, standing.generation() - 1),
                  "plugin",
                  plugin);
            });
    calls.forEach(
        (plugin, outcomes) ->
            outcomes.forEach(
                (outcome, count) ->
                    sink.counter(
                        "mimir_plugin_calls_total",
                        "Calls of plugins, by how they went.",
                        count.sum(),
                        "plugin",
                        plugin,
                        "outcome",
                        outcome)));
  }
}

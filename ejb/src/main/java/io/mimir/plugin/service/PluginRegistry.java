package io.mimir.plugin.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.audit.AuditedAction;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Drainable;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginFile;
import io.mimir.plugin.PluginState;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.kit.manifest.ManifestException;
import io.mimir.plugin.service.builtin.Builtins;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.storage.service.DataFolder;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** The plugins of this server as they are at this moment: their files, processes and states. */
@ApplicationScoped
public class PluginRegistry implements Drainable {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final int SPARES = 1;
  private static final WarmHostPool.Jail USUAL =
      new WarmHostPool.Jail(Manifest.Limits.DEFAULT.memoryMb(), false);
  private static final int CRASH_LIMIT = 5;

  @Inject PluginConfig config;
  @Inject DataFolder data;
  @Inject Vault vault;
  @Inject AuditLog audit;
  @Inject Builtins builtins;

  private PluginStore store;
  private PluginSupervisor supervisor;

  private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  /** Why a plugin that ought to run was not even started. */
  private final Map<String, Standing> standings = new ConcurrentHashMap<>();

  /**
   * Where a plugin is, and why.
   *
   * @param reason a word of the kit, or null
   * @param message for people, or null
   * @param generation how often it was started; 0 for never
   * @param jail what its process reported of its jail, JSON; null before there was one
   */
  public record Standing(
      PluginState state, String reason, String message, int generation, String jail) {

    /** Its file is another one now. */
    static final Standing TAMPERED =
        of(
            PluginState.TAMPERED,
            RefusalReason.HASH_MISMATCH,
            "Its file is not the one that was taken in");

    /** What its jail lacks; empty when it is whole, null when there is none yet. */
    public List<String> jailGaps() {
      if (jail == null) {
        return null;
      }
      try {
        List<String> gaps = new ArrayList<>();
        JSON.readTree(jail).path("missing").forEach(gap -> gaps.add(gap.asText()));
        return gaps;
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("A report of a jail is no JSON");
      }
    }

    static Standing of(PluginState state, RefusalReason reason, String message) {
      return new Standing(state, reason == null ? null : reason.name(), message, 0, null);
    }
  }

  synchronized PluginStore store() {
    if (store == null) {
      try {
        store = PluginStore.open(config.folder(), config.maxBytes());
      } catch (IOException e) {
        throw new UncheckedIOException("The plugin folder cannot be used", e);
      }
    }
    return store;
  }

  /** Hosts are unpacked when the first plugin needs one. */
  synchronized PluginSupervisor supervisor() {
    if (supervisor == null) {
      try {
        PluginHosts hosts =
            PluginHosts.unpack(
                data.file("plugin-host"), data.file("plugin-work"), config.sandboxRequired());
        supervisor = new PluginSupervisor(hosts, SPARES, USUAL, CRASH_LIMIT);
        supervisor.onGivenUp(
            name ->
                audit.write(
                    AuditedAction.ofTheServer("plugin.fail").on(null, name), Outcome.FAILURE));
      } catch (IOException e) {
        throw new UncheckedIOException("The host of plugins cannot be unpacked", e);
      }
    }
    return supervisor;
  }

  /**
   * Whether a plugin's file is the one that was taken in.
   *
   * @throws IOException when it cannot be read
   */
  boolean isUnchanged(Plugin plugin) throws IOException {
    PluginFile file = plugin.file().orElseThrow();
    return store().sha256Of(file.path()).equals(file.sha256());
  }

  /**
   * What is to run for a plugin.
   *
   * @throws IOException when its file is not in the plugin folder
   */
  PluginSpec spec(Plugin plugin) throws IOException {
    PluginFile file = plugin.file().orElseThrow();
    Manifest manifest;
    try {
      manifest = Manifest.read(file.manifest().getBytes(StandardCharsets.UTF_8));
    } catch (ManifestException e) {
      throw new IOException("The stored manifest cannot be read", e);
    }
    Map<String, PluginSpec.Action> actions = new HashMap<>();
    for (Manifest.Action action : manifest.actions()) {
      actions.put(
          action.name(), new PluginSpec.Action(action.idempotent(), action.timeout().orElse(null)));
    }
    return new PluginSpec(
        plugin.getName(),
        store().inside(file.path()),
        HexFormat.of().parseHex(file.sha256()),
        file.manifest().getBytes(StandardCharsets.UTF_8),
        () -> clearConfig(plugin),
        PluginSpec.Limits.of(manifest),
        actions);
  }

  /** The whole configuration for the plugin, opened for one start. */
  private byte[] clearConfig(Plugin plugin) {
    try (Secret secrets = plugin.openSecrets(vault)) {
      ObjectNode whole = (ObjectNode) JSON.readTree(plugin.getConfig());
      if (!secrets.isEmpty()) {
        whole.setAll((ObjectNode) JSON.readTree(secrets.reveal()));
      }
      return JSON.writeValueAsBytes(whole);
    } catch (IOException e) {
      throw new IllegalStateException("A stored configuration is no JSON");
    }
  }

  /** What is done to a plugin's file and process. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException;
  }

  /** Does it when nobody else does anything to the plugin of this name. */
  <T> T alone(String name, Work<T> work) throws IOException {
    ReentrantLock lock = locks.computeIfAbsent(name, any -> new ReentrantLock());
    lock.lock();
    try {
      return work.run();
    } finally {
      lock.unlock();
    }
  }

  /** Notes why a plugin is not running, or forgets it with null. */
  void stand(String name, Standing standing) {
    if (standing == null) {
      standings.remove(name);
    } else {
      standings.put(name, standing);
    }
  }

  /** Where a plugin is. */
  public Standing standingOf(Plugin plugin) {
    if (plugin.isBuiltin()) {
      return standingOfBuiltin(plugin);
    }
    return standingOf(plugin.getName())
        .orElseGet(
            () ->
                Standing.of(
                    plugin.isEnabled() ? PluginState.STARTING : PluginState.DISABLED, null, null));
  }

  private Optional<Standing> standingOf(String name) {
    return supervisorIfAny()
        .flatMap(any -> any.view(name))
        .map(
            view ->
                new Standing(
                    view.state(),
                    view.reason() == null ? null : view.reason().name(),
                    view.message(),
                    view.generation(),
                    view.jail() == null ? null : new String(view.jail(), StandardCharsets.UTF_8)))
        .or(() -> Optional.ofNullable(standings.get(name)));
  }

  /** Returns where each uploaded plugin is of which memory knows, by name. */
  Map<String, Standing> standings() {
    Map<String, Standing> all = new TreeMap<>(standings);
    supervisorIfAny().ifPresent(any -> any.names().forEach(name -> all.put(name, null)));
    all.replaceAll((name, old) -> standingOf(name).orElse(old));
    all.values().removeIf(Objects::isNull);
    return all;
  }

  /** It has no process: it runs whenever it may. */
  private Standing standingOfBuiltin(Plugin plugin) {
    if (builtins.manifest(plugin.getName()).isEmpty()) {
      return Standing.of(
          PluginState.INCOMPATIBLE, null, "This version of Mimir has no such plugin any more");
    }
    return Standing.of(plugin.isEnabled() ? PluginState.RUNNING : PluginState.DISABLED, null, null);
  }

  private synchronized Optional<PluginSupervisor> supervisorIfAny() {
    return Optional.ofNullable(supervisor);
  }

  /**
   * Calls an action of a plugin, uploaded or built in.
   *
   * @param plugin as it is stored
   * @return UTF-8 JSON, one value
   */
  public byte[] call(Plugin plugin, String action, byte[] input, CallContext context)
      throws PluginCallException {
    return plugin.isBuiltin()
        ? builtins.call(plugin, action, input, context)
        : call(plugin.getName(), action, input, context);
  }

  private byte[] call(String name, String action, byte[] input, CallContext context)
      throws PluginCallException {
    PluginSupervisor running =
        supervisorIfAny()
            .orElseThrow(
                () ->
                    new PluginCallException(
                        PluginCallException.Kind.NOT_RUNNING, "The plugin is not running"));
    return PluginAnswers.json(running.call(name, action, input, context));
  }

  /**
   * What a plugin has said lately.
   *
   * @param level trace, debug, info, warning, error, or output for what was printed
   */
  public record Said(java.time.Instant at, String level, String text) {}

  /** Oldest first. */
  public List<Said> logOf(String name) {
    return supervisorIfAny()
        .flatMap(any -> any.log(name))
        .map(PluginLog::lines)
        .orElse(List.of())
        .stream()
        .map(line -> new Said(line.at(), line.level(), line.text()))
        .toList();
  }

  /** None: their calls are requests, which are counted. */
  @Override
  public int running() {
    return 0;
  }

  @Override
  public void end(ProblemException why) {
    stop();
  }

  @PreDestroy
  synchronized void stop() {
    if (supervisor != null) {
      supervisor.close();
    }
  }

  /**
   * Starts a plugin, or starts it anew.
   *
   * @throws ProblemException PLUGIN_FAILED when it does not come up; what ran before goes on
   */
  void start(Plugin plugin) throws IOException {
    try {
      supervisor().start(spec(plugin));
      stand(plugin.getName(), null);
    } catch (PluginStartException e) {
      throw new ProblemException(
          Problem.PLUGIN_FAILED, "The plugin did not start. " + e.getMessage());
    }
  }
}

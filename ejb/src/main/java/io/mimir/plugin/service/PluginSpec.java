package io.mimir.plugin.service;

import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.kit.manifest.Quota;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What is to run, and within which bounds.
 *
 * @param name of the plugin, as its manifest has it
 * @param file the library
 * @param sha256 32 bytes: the only content that may run
 * @param manifest what the file's bytes said; the running plugin must say the same
 * @param config gives UTF-8 JSON with its secrets in clear, opened for each start anew and wiped
 *     after it
 * @param limits for all of it
 * @param actions by name
 */
record PluginSpec(
    String name,
    Path file,
    byte[] sha256,
    byte[] manifest,
    Supplier<byte[]> config,
    Limits limits,
    Map<String, Action> actions) {

  /**
   * Bounds of a plugin.
   *
   * @param jail what its process may do
   * @param concurrency how many calls the plugin takes at once
   * @param callTimeout of an action that names none
   * @param quota what it may use up
   */
  record Limits(WarmHostPool.Jail jail, int concurrency, Duration callTimeout, Quota quota) {

    static Limits of(Manifest manifest) {
      Manifest.Limits limits = manifest.limits();
      return new Limits(
          new WarmHostPool.Jail(limits.memoryMb(), manifest.asksForTree()),
          limits.concurrency(),
          limits.callTimeout(),
          limits.quota());
    }
  }

  /**
   * What a plugin offers.
   *
   * @param idempotent whether a call may be made again when the process ended under it
   * @param timeout null for the plugin's own
   */
  record Action(boolean idempotent, Duration timeout) {}

  Optional<Action> action(String action) {
    return Optional.ofNullable(actions.get(action));
  }

  Duration timeout(Action action) {
    return action.timeout() == null ? limits.callTimeout() : action.timeout();
  }

  @Override
  public String toString() {
    return "PluginSpec[" + name + "]";
  }
}

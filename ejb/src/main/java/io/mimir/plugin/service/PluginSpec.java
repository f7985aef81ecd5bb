package io.mimir.plugin.service;

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
   * @param memoryMb of its process, in MiB, beside what the host itself needs
   * @param concurrency how many calls the plugin takes at once
   * @param callTimeout of an action that names none
   */
  record Limits(int memoryMb, int concurrency, Duration callTimeout) {}

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

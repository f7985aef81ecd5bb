package io.mimir.plugin.kit.manifest;

import java.time.Duration;
import java.util.Set;

/**
 * What a plugin may use up besides memory: what its manifest says, or the defaults. The server
 * looks four times a second, and ends a process that has more.
 *
 * @param workMb bytes of all files in the work folder, in MiB, from 1 to 1024; 64 unless said
 * @param workFiles files and folders in it, from 1 to 10000; 1000 unless said
 * @param threads threads of the plugin's own, from 1 to 1024; 128 unless said
 * @param idleCpu processor time while no call is under way, in a minute: from 0.1 s to a minute; 3
 *     s unless said
 */
public record Quota(int workMb, int workFiles, int threads, Duration idleCpu) {

  public static final Quota DEFAULT = new Quota(64, 1000, 128, Duration.ofSeconds(3));

  /** Its names among the limits of a manifest. */
  static final Set<String> NAMES = Set.of("work_mb", "work_files", "threads", "idle_cpu_ms");

  static Quota of(Members limits) throws ManifestException {
    return new Quota(
        limits.number("work_mb", 1, 1024, DEFAULT.workMb),
        limits.number("work_files", 1, 10_000, DEFAULT.workFiles),
        limits.number("threads", 1, 1024, DEFAULT.threads),
        Duration.ofMillis(
            limits.number("idle_cpu_ms", 100, 60_000, (int) DEFAULT.idleCpu.toMillis())));
  }
}

package io.mimir.plugin.service;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.plugin.service.WarmHostPool.Jail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Control groups of the kernel for plugins, one for each process, where the server may make them:
 * its own group has to lie in one that was delegated to its user and has no processes of its own,
 * as systemd makes it with {@code Delegate=} and {@code DelegateSubgroup=}
 * (Documentation/admin-guide/cgroup-v2.rst, Delegation). Anywhere else there are none: to make room
 * for them, the server would have to move itself and whatever else runs beside it.
 */
final class PluginCgroups {

  private static final System.Logger LOG = System.getLogger(PluginCgroups.class.getName());

  private static final List<String> CONTROLLERS = List.of("pids", "memory");

  /** Of the host itself, in MiB: its heap, its code, and pages of files that it has read. */
  private static final int HOST_MB = 512;

  /** More than any manifest's limit of threads, and those of the host. */
  private static final int MAX_THREADS = 1280;

  private static final String PREFIX = "plugin-";

  private final Path parent;

  private PluginCgroups(Path parent) {
    this.parent = parent;
  }

  /**
   * Looks whether there can be any.
   *
   * @param self {@code /proc/self/cgroup}
   * @param root where the hierarchy of version 2 is mounted
   */
  static Optional<PluginCgroups> find(Path self, Path root) {
    try {
      Optional<Path> own =
          Files.readAllLines(self).stream()
              .filter(line -> line.startsWith("0::/"))
              .map(line -> root.resolve(line.substring("0::/".length())).normalize())
              .findFirst();
      Path parent = own.map(Path::getParent).orElse(root);
      if (!parent.startsWith(root) || parent.equals(root) || !isDelegated(parent)) {
        return Optional.empty();
      }
      Files.writeString(parent.resolve("cgroup.subtree_control"), "+pids +memory");
      LOG.log(INFO, "Plugins run in control groups of their own");
      return Optional.of(new PluginCgroups(parent));
    } catch (IOException e) {
      // There is no such hierarchy, or it is not ours to divide: the other bounds hold.
      return Optional.empty();
    }
  }

  private static boolean isDelegated(Path group) throws IOException {
    return Files.isWritable(group)
        && Files.isWritable(group.resolve("cgroup.procs"))
        && Files.isWritable(group.resolve("cgroup.subtree_control"))
        && Files.readString(group.resolve("cgroup.procs")).isBlank()
        && Arrays.asList(Files.readString(group.resolve("cgroup.controllers")).strip().split(" "))
            .containsAll(CONTROLLERS);
  }

  /** Puts a process that was started just now into a group that ends with it. */
  void take(Process process, Jail jail) {
    Path group = parent.resolve(PREFIX + process.pid());
    try {
      Files.createDirectory(group);
      Files.writeString(group.resolve("pids.max"), Integer.toString(MAX_THREADS));
      long bytes = (HOST_MB + jail.memoryMb()) * 1024L * 1024;
      Files.writeString(group.resolve("memory.max"), Long.toString(bytes));
      Files.writeString(group.resolve("cgroup.procs"), Long.toString(process.pid()));
    } catch (IOException e) {
      LOG.log(WARNING, "A plugin runs without a control group of its own", e);
    }
    process.onExit().thenRun(() -> remove(group));
  }

  private static void remove(Path group) {
    try {
      Files.deleteIfExists(group);
    } catch (IOException e) {
      LOG.log(WARNING, "The control group of a plugin that has ended is still there", e);
    }
  }
}

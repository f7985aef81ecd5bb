package io.mimir.plugin.service;

import io.mimir.plugin.kit.host.HostCommand;
import io.mimir.plugin.kit.host.HostFolder;
import io.mimir.plugin.service.WarmHostPool.Jail;
import io.mimir.plugin.service.WarmHostPool.Launched;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** Starts hosts of what the application carries, each with a work folder that goes with it. */
final class PluginHosts implements WarmHostPool.Launcher {

  private final Path folder;
  private final WorkFolders works;
  private final Optional<PluginCgroups> groups =
      PluginCgroups.find(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"));
  private final boolean required;

  private PluginHosts(Path folder, WorkFolders works, boolean required) {
    this.folder = folder;
    this.works = works;
    this.required = required;
  }

  /**
   * Unpacks the host.
   *
   * @param folder for its program
   * @param works for work folders
   * @param required whether a host that cannot be jailed whole is not to run
   */
  static PluginHosts unpack(Path folder, Path works, boolean required) throws IOException {
    HostFolder.unpack(folder, PluginHosts::jar);
    return new PluginHosts(folder, WorkFolders.open(works, PluginHosts::clearing), required);
  }

  private static InputStream jar(String name) throws IOException {
    InputStream in = PluginHosts.class.getResourceAsStream("/plugin-host/" + name);
    if (in == null) {
      throw new IOException("The application carries no " + name);
    }
    return in;
  }

  @Override
  public Launched launch(Jail jail) throws IOException {
    Path work = works.create();
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process process =
        new HostCommand(java, folder, work, jail.memoryMb(), jail.tree(), required).start();
    groups.ifPresent(each -> each.take(process, jail));
    process.onExit().thenRunAsync(() -> WorkFolders.remove(work), PluginHosts::clearing);
    return new Launched(process, work);
  }

  /** On a thread of its own: how long it takes is up to what the plugin left. */
  private static void clearing(Runnable work) {
    Thread thread = new Thread(work, "mimir-plugin-clear");
    thread.setDaemon(true);
    thread.start();
  }
}

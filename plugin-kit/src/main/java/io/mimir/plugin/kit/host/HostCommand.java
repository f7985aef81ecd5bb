package io.mimir.plugin.kit.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How the server starts a host, and the host its jailed self: one list of flags for both.
 *
 * @param java the executable
 * @param folder with mimir-plugin-host.jar, mimir-plugin-kit.jar, jna.jar and JNA's native library
 * @param work the host's working directory, the only folder that it may write to
 * @param memoryMb what the plugin may use beside the host itself, in MiB
 * @param tree whether it may make folders in its working directory, and rename and remove there
 * @param required whether a host that cannot be jailed is to end instead
 */
public record HostCommand(
    Path java, Path folder, Path work, int memoryMb, boolean tree, boolean required) {

  /** How the command says {@link #tree}. */
  public static final String TREE = "tree";

  public static final String FLAT = "flat";

  public static final String MAIN = "io.mimir.plugin.host.Main";

  /** The jars that the folder must have. */
  public static final List<String> JARS =
      List.of("mimir-plugin-host.jar", "mimir-plugin-kit.jar", "jna.jar");

  /** Ends the host: it cannot be jailed, and has to be. EX_NOPERM of sysexits.h. */
  public static final int EXIT_NOT_JAILED = 77;

  /** The whole command. */
  public List<String> arguments() {
    List<String> all = new ArrayList<>(flags());
    all.add(0, java.toString());
    all.add(MAIN);
    all.add("start");
    all.add(folder.toString());
    all.add(Integer.toString(memoryMb));
    all.add(tree ? TREE : FLAT);
    all.add(required ? "require" : "prefer");
    return all;
  }

  /** What the JVM is told, whichever part it plays: small, quiet, and quick to start. */
  public List<String> flags() {
    StringBuilder path = new StringBuilder();
    for (String jar : JARS) {
      path.append(path.isEmpty() ? "" : System.getProperty("path.separator"));
      path.append(folder.resolve(jar));
    }
    return List.of(
        "-Xmx64m",
        "-Xss512k",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:ReservedCodeCacheSize=24m",
        "-XX:MaxMetaspaceSize=48m",
        "-XX:-UsePerfData",
        "-XX:-UseContainerSupport",
        "-XX:+DisableAttachMechanism",
        "-XX:-CreateCoredumpOnCrash",
        "-XX:+SuppressFatalErrorMessage",
        "-Xshare:auto",
        "-Djava.security.egd=file:/dev/urandom",
        "-Djava.io.tmpdir=" + work,
        "-Djna.tmpdir=" + work,
        "-Djna.boot.library.path=" + folder,
        "-Djna.nosys=true",
        "-Djna.nounpack=true",
        "-cp",
        path.toString());
  }

  /**
   * Starts a host, with next to nothing in its environment.
   *
   * @throws IOException when the process cannot be started
   */
  public Process start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(arguments()).directory(work.toFile());
    builder.environment().clear();
    builder.environment().put("LANG", "C.UTF-8");
    return builder.start();
  }
}

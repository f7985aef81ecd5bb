package io.mimir.plugin.host;

import com.sun.jna.StringArray;
import io.mimir.plugin.kit.host.HostCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The first of the host's two lives: it takes rights from itself and then becomes the second in
 * place, so that every thread of that JVM is inside from its first instruction. A jail that the
 * server put on before the start would hold the server's own threads as well.
 */
final class Trampoline {

  /** Where the frames go in the second life: copies of stdin and stdout. */
  static final int FRAMES_IN = 3;

  static final int FRAMES_OUT = 4;

  private static final int RLIMIT_FSIZE = 1;
  private static final int RLIMIT_DATA = 2;
  private static final int RLIMIT_CORE = 4;
  private static final int RLIMIT_NOFILE = 7;

  /** What the host itself writes to: heap, classes, compiled code, stacks. */
  private static final long OWN_MB = 320;

  private static final long MEBIBYTE = 1024 * 1024;

  private static final List<String> LIBRARIES =
      List.of(
          "/lib",
          "/lib64",
          "/usr/lib",
          "/usr/lib64",
          "/etc/ld.so.cache",
          "/usr/share/zoneinfo",
          "/dev/urandom",
          "/dev/random",
          "/dev/zero");

  private final HostCommand command;
  private final JailReport report = new JailReport();

  Trampoline(HostCommand command) {
    this.command = command;
  }

  /** Comes back only when the second life did not begin; the reason is on stderr then. */
  int jump() {
    boolean linux = Numbers.ofThisMachine().isPresent();
    if (!linux) {
      report.note("platform", "there is a jail for Linux on x86_64 and aarch64 only");
    } else {
      restrict();
    }
    if (!report.isComplete() && command.required()) {
      System.err.println("The host cannot be jailed: " + String.join("; ", report.missing()));
      return HostCommand.EXIT_NOT_JAILED;
    }
    if (!linux) {
      return -1;
    }
    moveFrames();
    exec();
    System.err.println("The host could not begin its second life: errno " + Libc.errno());
    return HostCommand.EXIT_NOT_JAILED;
  }

  JailReport report() {
    return report;
  }

  private void restrict() {
    report.note(
        "no_new_privs",
        Libc.prctl(Libc.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? null : "errno " + Libc.errno());
    String limits = null;
    limits = limit(RLIMIT_CORE, 0, limits);
    limits = limit(RLIMIT_NOFILE, 256, limits);
    limits = limit(RLIMIT_FSIZE, 64 * MEBIBYTE, limits);
    limits = limit(RLIMIT_DATA, (OWN_MB + command.memoryMb()) * MEBIBYTE, limits);
    report.note("rlimits", limits);
    report.applied("memory_mb", command.memoryMb());
    int version = Landlock.version();
    report.applied("landlock_abi", version);
    report.note(
        "landlock",
        version == 0
            ? "the kernel has none, or it is off"
            : Landlock.restrict(readable(), command.plugins(), command.work(), version));
  }

  private static String limit(int resource, long value, String failure) {
    return Libc.setrlimit(resource, new long[] {value, value}) == 0
        ? failure
        : "errno " + Libc.errno();
  }

  private List<Path> readable() {
    List<Path> all = new ArrayList<>();
    all.add(Path.of(System.getProperty("java.home")));
    all.add(command.folder());
    for (String library : LIBRARIES) {
      Path path = Path.of(library);
      if (Files.exists(path)) {
        all.add(path);
      }
    }
    for (String config :
        List.of("/etc/java-17-openjdk", "/etc/java-21-openjdk", "/etc/java-25-openjdk")) {
      if (Files.isDirectory(Path.of(config))) {
        all.add(Path.of(config));
      }
    }
    return all;
  }

  /**
   * Frames go on descriptors of their own; where a plugin prints is stderr, and there is nothing to
   * read. What else was inherited is closed.
   */
  private void moveFrames() {
    int in = Libc.dup(0);
    int out = Libc.dup(1);
    // Both now have high numbers or the ones wanted; the detour keeps them from treading on each
    // other.
    int spareIn = Libc.fcntl(in, 0, 64);
    int spareOut = Libc.fcntl(out, 0, 64);
    Libc.dup2(spareIn, FRAMES_IN);
    Libc.dup2(spareOut, FRAMES_OUT);
    int nothing = Libc.open("/dev/null", Libc.O_RDONLY, 0);
    Libc.dup2(nothing, 0);
    Libc.dup2(2, 1);
    Libc.syscall(Numbers.ofThisMachine().orElseThrow().closeRange(), 5, 0xffffffffL, 4);
  }

  private void exec() {
    List<String> arguments = new ArrayList<>(command.flags());
    arguments.add(0, command.java().toString());
    arguments.add(HostCommand.MAIN);
    arguments.add("serve");
    arguments.add(command.required() ? "require" : "prefer");
    arguments.add(report.json());
    StringArray argv = new StringArray(arguments.toArray(String[]::new), "UTF-8");
    StringArray environment = new StringArray(new String[] {"LANG=C.UTF-8"}, "UTF-8");
    Libc.execve(command.java().toString(), argv, environment);
  }
}

package io.mimir.plugin.host;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import io.mimir.plugin.kit.host.HostCommand;
import java.io.IOException;
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

  /**
   * Where the frames go in the second life: copies of stdin and stdout, with numbers that this JVM
   * does not use itself. It still reads its classes from the low ones until it is gone.
   */
  static final int FRAMES_IN = 200;

  static final int FRAMES_OUT = 201;

  private static final int RLIMIT_FSIZE = 1;
  private static final int RLIMIT_DATA = 2;
  private static final int RLIMIT_CORE = 4;
  private static final int RLIMIT_NPROC = 6;
  private static final int RLIMIT_NOFILE = 7;
  private static final int RLIMIT_AS = 9;

  /** What the host itself writes to: heap, classes, compiled code, stacks. */
  private static final long OWN_MB = 320;

  /** Of address space beyond that: what the JVM and Go's runtime reserve and do not use. */
  private static final long RESERVED_MB = 4096;

  private static final int MAX_FILES = 256;

  /** Beside all that there are when a host starts. */
  private static final int MORE_THREADS = 2048;

  private static final int CLOSE_RANGE_CLOEXEC = 4;
  private static final int F_SETFD = 2;
  private static final int FD_CLOEXEC = 1;
  private static final int MANY_DESCRIPTORS = 65_536;

  /** The version of capset(2) with two words for each set. */
  private static final int CAPABILITY_VERSION = 0x20080522;

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
    boolean linux = Machine.own().isPresent();
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
    limits = limit(RLIMIT_NOFILE, MAX_FILES, limits);
    limits = limit(RLIMIT_FSIZE, 64 * MEBIBYTE, limits);
    limits = limit(RLIMIT_DATA, (OWN_MB + command.memoryMb()) * MEBIBYTE, limits);
    // Page tables are not data: without this, they alone could fill the machine.
    long space = OWN_MB + RESERVED_MB + command.memoryMb();
    limits = limit(RLIMIT_AS, space * MEBIBYTE, limits);
    limits = limitThreads(limits);
    report.note("rlimits", limits);
    report.applied("memory_mb", command.memoryMb());
    report.applied("tree", command.tree());
    int version = Landlock.version();
    report.applied("landlock_abi", version);
    report.note(
        "landlock",
        version == 0
            ? "the kernel has none, or it is off"
            : Landlock.restrict(readable(), command.work(), command.tree(), version));
    // Reading and listing are denied; whether a path is there, its size and times, no version
    // hides.
    report.applied("hides_paths", false);
    report.note("capabilities", dropCapabilities());
  }

  /**
   * Those that root has. With no_new_privs, execve does not give them back (capabilities(7)).
   *
   * @return null when it is done, else why not
   */
  private static String dropCapabilities() {
    try (Memory header = new Memory(8);
        Memory none = new Memory(24)) {
      header.clear();
      header.setInt(0, CAPABILITY_VERSION);
      none.clear();
      return SystemCall.CAPSET.call(Pointer.nativeValue(header), Pointer.nativeValue(none)) == 0
          ? null
          : "errno " + Libc.errno();
    }
  }

  private static String limit(int resource, long value, String failure) {
    return Libc.setrlimit(resource, new long[] {value, value}) == 0
        ? failure
        : "errno " + Libc.errno();
  }

  /**
   * The kernel counts the threads of a user, not of a process, and not those of root: this bound is
   * for the moment until the server counts those of the plugin, and keeps the machine from running
   * out of numbers for them. Whatever else the user runs has room of its own.
   */
  private static String limitThreads(String failure) {
    try {
      // "0.20 0.18 0.12 1/80 11206": how many there are on the whole machine is behind the slash.
      String[] fields = Files.readString(Path.of("/proc/loadavg")).split("[ /]");
      return limit(RLIMIT_NPROC, Long.parseLong(fields[4]) + MORE_THREADS, failure);
    } catch (IOException | RuntimeException e) {
      return failure == null ? "/proc/loadavg: " + e.getClass().getSimpleName() : failure;
    }
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
    Libc.dup2(0, FRAMES_IN);
    Libc.dup2(1, FRAMES_OUT);
    int nothing = Libc.open("/dev/null", Libc.O_RDONLY, 0);
    Libc.dup2(nothing, 0);
    Libc.dup2(2, 1);
    closeWithTheJvm();
  }

  /** Those of this JVM too, but not before it is gone. */
  private static void closeWithTheJvm() {
    if (SystemCall.CLOSE_RANGE.call(3, FRAMES_IN - 1, CLOSE_RANGE_CLOEXEC) == 0
        && SystemCall.CLOSE_RANGE.call(FRAMES_OUT + 1, 0xffffffffL, CLOSE_RANGE_CLOEXEC) == 0) {
      return;
    }
    // Before Linux 5.11 one by one.
    for (int fd = 3; fd < MANY_DESCRIPTORS; fd++) {
      if (fd != FRAMES_IN && fd != FRAMES_OUT) {
        Libc.fcntl(fd, F_SETFD, FD_CLOEXEC);
      }
    }
  }

  private void exec() {
    List<String> arguments = new ArrayList<>(command.flags());
    arguments.add(0, command.java().toString());
    arguments.add(HostCommand.MAIN);
    arguments.add("serve");
    arguments.add(command.required() ? "require" : "prefer");
    arguments.add(report.text());
    StringArray argv = new StringArray(arguments.toArray(String[]::new), "UTF-8");
    StringArray environment = new StringArray(new String[] {"LANG=C.UTF-8"}, "UTF-8");
    Libc.execve(command.java().toString(), argv, environment);
  }
}

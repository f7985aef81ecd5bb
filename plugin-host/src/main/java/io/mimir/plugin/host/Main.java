package io.mimir.plugin.host;

import io.mimir.plugin.kit.host.HostCommand;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A process that holds one plugin. {@code start FOLDER MEMORY_MB tree|flat require|prefer} is what
 * the server runs; {@code serve require|prefer REPORT} is what that becomes, inside its jail.
 */
public final class Main {

  private Main() {}

  /** Ends with 77 when it cannot be jailed and has to be, and with 0 when the server is gone. */
  public static void main(String[] arguments) {
    if (arguments.length == 5 && arguments[0].equals("start")) {
      start(arguments);
    } else if (arguments.length == 3 && arguments[0].equals("serve")) {
      serve(arguments[1].equals("require"), JailReport.of(arguments[2]));
    } else {
      System.err.println("The server starts this program; there is nothing to start by hand");
      System.exit(64);
    }
  }

  private static void start(String[] arguments) {
    Path java = Path.of(ProcessHandle.current().info().command().orElseThrow());
    HostCommand command =
        new HostCommand(
            java,
            Path.of(arguments[1]),
            Path.of("").toAbsolutePath(),
            Integer.parseInt(arguments[2]),
            arguments[3].equals(HostCommand.TREE),
            arguments[4].equals("require"));
    Trampoline trampoline = new Trampoline(command);
    int code;
    try {
      code = trampoline.jump();
    } catch (LinkageError e) {
      System.err.println(
          "The host cannot load its native library from "
              + command.folder()
              + ": put the data folder on a file system that is not mounted noexec");
      code = HostCommand.EXIT_NOT_JAILED;
    }
    if (code >= 0) {
      Runtime.getRuntime().halt(code);
    }
    // Another system: there is the process boundary, and nothing more.
    new Service(Fd.plain(System.in), Fd.plain(System.out), new PlainFile())
        .serve(trampoline.report().json());
  }

  private static void serve(boolean required, JailReport report) {
    // The memory holds secrets: no core dump, and no debugger of the same user.
    report.note(
        "not_dumpable",
        Libc.prctl(Libc.PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? null : "errno " + Libc.errno());
    try {
      MemoryFile memory = MemoryFile.create();
      String failure = Seccomp.restrict(Machine.own().orElseThrow());
      report.note("seccomp", failure);
      // It is one system call for all threads or for none.
      report.applied("tsync", failure == null);
      report.applied("pid", ProcessHandle.current().pid());
      if (required && !report.isComplete()) {
        System.err.println("The host cannot be jailed: " + String.join("; ", report.missing()));
        Runtime.getRuntime().halt(HostCommand.EXIT_NOT_JAILED);
      }
      PluginLibrary.rehearse();
      Service.rehearse();
      new Service(new Fd.In(Trampoline.FRAMES_IN), new Fd.Out(Trampoline.FRAMES_OUT), memory)
          .serve(report.json());
    } catch (LoadException | IOException | InterruptedException e) {
      System.err.println("The host is of no use: " + e.getMessage());
      Runtime.getRuntime().halt(HostCommand.EXIT_NOT_JAILED);
    }
  }
}

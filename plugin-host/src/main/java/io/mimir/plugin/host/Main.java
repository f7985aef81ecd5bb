package io.mimir.plugin.host;

import io.mimir.plugin.kit.host.HostCommand;
import java.nio.file.Path;

/**
 * A process that holds one plugin. {@code start FOLDER PLUGINS MEMORY_MB require|prefer} is what
 * the server runs; {@code serve require|prefer REPORT} is what that becomes, inside its jail.
 */
public final class Main {

  private Main() {}

  /** Ends with 77 when it cannot be jailed and has to be, and with 0 when the server is gone. */
  public static void main(String[] arguments) {
    if (arguments.length == 5 && arguments[0].equals("start")) {
      start(arguments);
    } else if (arguments.length == 3 && arguments[0].equals("serve")) {
      serve(arguments[1].equals("require"), arguments[2]);
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
            Path.of(arguments[2]),
            Path.of("").toAbsolutePath(),
            Integer.parseInt(arguments[3]),
            arguments[4].equals("require"));
    Trampoline trampoline = new Trampoline(command);
    int code = trampoline.jump();
    if (code >= 0) {
      Runtime.getRuntime().halt(code);
    }
    // Another system: there is the process boundary, and nothing more.
    new Service(System.in, System.out, null).serve(trampoline.report().json());
  }

  private static void serve(boolean required, String report) {
    Numbers numbers = Numbers.ofThisMachine().orElseThrow();
    String failure = Seccomp.restrict(numbers);
    if (failure != null && required) {
      System.err.println("The host cannot be jailed: " + failure);
      Runtime.getRuntime().halt(HostCommand.EXIT_NOT_JAILED);
    }
    String gap = failure == null ? "" : "\"seccomp: " + failure.replace('"', '\'') + "\"";
    String hello =
        report.substring(0, report.length() - 2)
            + (gap.isEmpty() || report.endsWith("[]}") ? gap : "," + gap)
            + "],\"seccomp\":"
            + (failure == null)
            + ",\"pid\":"
            + ProcessHandle.current().pid()
            + "}";
    PluginLibrary.Sealing sealing = new PluginLibrary.Sealing(numbers, failure == null);
    new Service(new Fd.In(Trampoline.FRAMES_IN), new Fd.Out(Trampoline.FRAMES_OUT), sealing)
        .serve(hello);
  }
}

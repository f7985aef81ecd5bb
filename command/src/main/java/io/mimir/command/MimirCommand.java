package io.mimir.command;

import io.mimir.backup.service.BackupException;
import io.mimir.lifecycle.service.StartException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * What {@code ./mimir} does beside starting the server. The launcher, a shell script, hands these
 * verbs over with the server's own settings in the environment.
 */
@Command(
    name = "mimir",
    description = "Mimir's data: backup, restore, and whether all is well.",
    subcommands = {
      BackupCommand.class,
      RestoreCommand.class,
      VerifyCommand.class,
      AuditCommand.class,
      DoctorCommand.class,
      GenerateCompletion.class
    },
    synopsisSubcommandLabel = "COMMAND")
public final class MimirCommand implements Runnable {

  /** The exit codes of contract.md. */
  static final int FAILED = 1;

  static final int USAGE = 64;

  @Spec CommandSpec spec;

  @Mixin Help help;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "A command is missing");
  }

  /** Runs a verb, and ends the process with its exit code. */
  public static void main(String[] arguments) {
    // What libraries have to tell is not the answer; their warnings go to standard error.
    Logger.getLogger("").setLevel(Level.WARNING);
    System.exit(
        commandLine()
            .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
            .execute(arguments));
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new MimirCommand());
    line.setExecutionExceptionHandler(MimirCommand::failed);
    line.setParameterExceptionHandler(MimirCommand::misused);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  private static int misused(ParameterException e, String[] arguments) {
    CommandLine line = e.getCommandLine();
    line.getErr().println("mimir: " + e.getMessage());
    line.usage(line.getErr());
    return USAGE;
  }

  private static int failed(Exception e, CommandLine line, ParseResult parsed) throws Exception {
    int code;
    if (e instanceof StartException start) {
      code = start.exit().code();
    } else if (e instanceof BackupException || e instanceof CommandException) {
      code = FAILED;
    } else {
      throw e;
    }
    Output.of(line).failure(e.getMessage(), code);
    return code;
  }
}

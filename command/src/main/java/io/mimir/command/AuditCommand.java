package io.mimir.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./mimir audit verify} and {@code ./mimir audit export}. */
@Command(
    name = "audit",
    description = "Finds out whether the audit log is as it was written, and copies it.",
    subcommands = {AuditVerifyCommand.class, AuditExportCommand.class},
    synopsisSubcommandLabel = "COMMAND")
final class AuditCommand implements Runnable {

  @Spec CommandSpec spec;

  @Mixin Help help;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say verify or export");
  }
}

package io.mimir.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.backup.service.BackupFile;
import io.mimir.backup.service.Restore;
import io.mimir.lifecycle.service.StartException;
import io.mimir.security.service.MasterKeys;
import io.mimir.start.service.OfflineData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mimir verify FILE}. */
@Command(
    name = "verify",
    description = "Says whether a backup is whole and could be restored here, and what it holds.",
    footer = {
      "",
      "With the master key it is also checked that the key opens it, and that nobody without the key has changed it."
    })
final class VerifyCommand implements Callable<Integer> {

  @Mixin Output output;

  @Parameters(paramLabel = "FILE", description = "What \"mimir backup\" has written.")
  Path file;

  @Option(
      names = "--without-key",
      description = "Only check that it is whole, where the master key is not at hand.")
  boolean withoutKey;

  @Override
  public Integer call() throws Exception {
    Path source = file.toAbsolutePath();
    try (BackupFile backup = BackupFile.open(source)) {
      Optional<MasterKeys> keys =
          withoutKey ? Optional.empty() : Optional.of(OfflineData.masterKeys());
      if (keys.isPresent()) {
        new Restore(backup, keys.get()).check(Path.of(System.getProperty("java.io.tmpdir")));
      }
      ObjectNode json = Manifests.json(backup.manifest(), source);
      json.put("whole", true);
      json.put("authentic", keys.isPresent() ? Boolean.TRUE : null);
      output.say(
          json,
          "%s is whole%s%n%s"
              .formatted(
                  source,
                  keys.isPresent()
                      ? ", was made by a Mimir with this master key, and can be restored"
                      : "; who made it was not checked",
                  Manifests.text(backup.manifest(), Files.size(source))));
      return 0;
    } catch (StartException e) {
      throw new StartException(
          e.exit(), e.getMessage() + "; --without-key checks only that the file is whole", e);
    }
  }
}

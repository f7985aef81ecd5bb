package io.mimir.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.backup.service.BackupFile;
import io.mimir.backup.service.Restore;
import io.mimir.security.service.MasterKeys;
import io.mimir.start.service.OfflineData;
import io.mimir.storage.service.StorageConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mimir restore FILE}. */
@Command(
    name = "restore",
    description = "Puts a backup into the data folder. Mimir must not run meanwhile.",
    footer = {
      "",
      "The master key has to be the one that the backup was sealed with, or that one has to be among the previous ones.",
      "All of the backup is checked before anything is changed."
    })
final class RestoreCommand implements Callable<Integer> {

  @Mixin Output output;

  @Parameters(paramLabel = "FILE", description = "What \"mimir backup\" has written.")
  Path file;

  @Option(
      names = "--replace",
      description = "Move a database that is there aside; nothing of it is deleted.")
  boolean replace;

  @Override
  public Integer call() throws Exception {
    Path source = file.toAbsolutePath();
    try (BackupFile backup = BackupFile.open(source)) {
      MasterKeys keys = OfflineData.masterKeys();
      try (OfflineData data = OfflineData.lock()) {
        StorageConfig places = StorageConfig.load();
        Restore.Done done =
            new Restore(backup, keys)
                .run(data.folder(), places.dbPath(), places.pluginDir(), replace);
        ObjectNode json = Manifests.json(done.manifest(), source);
        json.put("database", places.dbPath().toString());
        json.put("moved_aside", done.aside().map(Path::toString).orElse(null));
        output.say(json, text(done, places.dbPath(), Files.size(source)));
      }
    }
    return 0;
  }

  private static String text(Restore.Done done, Path database, long bytes) {
    String aside =
        done.aside().map(path -> "%nWhat was there is now %s".formatted(path)).orElse("");
    return "Restored to %s%n%s%s%nNothing that was changed after %s is in it: look at what was revoked or disabled since, tokens first."
        .formatted(
            database,
            Manifests.text(done.manifest(), bytes),
            aside,
            done.manifest().createdAt().truncatedTo(ChronoUnit.SECONDS));
  }
}

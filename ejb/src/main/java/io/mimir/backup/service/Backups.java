package io.mimir.backup.service;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Started;
import io.mimir.security.Vault;
import io.mimir.storage.service.DataFolder;
import io.mimir.storage.service.StorageConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Backups of the running server, one at a time. */
@ApplicationScoped
public class Backups {

  private static final System.Logger LOG = System.getLogger(Backups.class.getName());
  private static final Duration RETRY = Duration.ofSeconds(10);

  @Inject DataFolder folder;
  @Inject Vault vault;
  @Inject AuditLog audit;

  private final AtomicBoolean busy = new AtomicBoolean();

  /** What a killed server has left. */
  void removeLeftovers(@Observes Started started) {
    Path data = folder.file(Backup.SCRATCH).getParent();
    try (DirectoryStream<Path> left = Files.newDirectoryStream(data, Backup.SCRATCH + "*")) {
      for (Path file : left) {
        RunFiles.remove(file);
      }
    } catch (IOException e) {
      LOG.log(WARNING, "Copies of a backup that was not finished could not be removed", e);
    }
  }

  /**
   * Makes a backup; it is audited before a byte of it leaves. The caller ends it by {@link
   * #end(Backup)}.
   *
   * @param actor who wants it
   * @throws ProblemException STORAGE_UNAVAILABLE when it cannot be made, OVERLOADED while another
   *     one is made
   */
  public Backup begin(String actor) {
    if (!busy.compareAndSet(false, true)) {
      throw ProblemException.retryable(
          Problem.OVERLOADED, "Another backup is being made: try again when it is done", RETRY);
    }
    Backup backup = null;
    boolean begun = false;
    try {
      StorageConfig places = StorageConfig.load();
      Path data = folder.file(Backup.SCRATCH).getParent();
      backup = Backup.take(new Backup.Source(places.dbPath(), places.pluginDir(), data), vault);
      audit.write(actor, "backup.create", null, Outcome.SUCCESS);
      begun = true;
      return backup;
    } catch (BackupException e) {
      LOG.log(WARNING, e.getMessage(), e.getCause());
      audit.write(actor, "backup.create", null, Outcome.FAILURE);
      throw ProblemException.retryable(Problem.STORAGE_UNAVAILABLE, e.getMessage(), RETRY);
    } finally {
      if (!begun) {
        end(backup);
      }
    }
  }

  /** Removes the copy that it was made of; null is none. */
  public void end(Backup backup) {
    busy.set(false);
    if (backup != null) {
      backup.close();
    }
  }
}

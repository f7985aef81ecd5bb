package io.mimir.backup.service;

import io.mimir.audit.ChainKeys;
import io.mimir.audit.service.AuditChain;
import io.mimir.audit.service.HeadFile;
import io.mimir.backup.BackupManifest;
import io.mimir.backup.BackupManifest.Entry;
import io.mimir.security.DataKey;
import io.mimir.security.Vault;
import io.mimir.security.service.DataKeys;
import io.mimir.security.service.MasterKeys;
import io.mimir.storage.service.DataFolder;
import io.mimir.storage.service.Database;
import io.mimir.storage.service.DatabaseRefusedException;
import io.mimir.storage.service.SchemaMigration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import liquibase.exception.LiquibaseException;

/**
 * Puts a backup into the place of the data. Everything that can be wrong with it is found while it
 * is made ready beside the data; only then files change places ({@link PendingRestore}).
 */
public final class Restore {

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** Whoever can run commands on the machine. */
  private static final String OPERATOR = "operator";

  private final BackupFile file;
  private final MasterKeys keys;

  /**
   * @param keys have to open the backup's data keys
   */
  public Restore(BackupFile file, MasterKeys keys) {
    this.file = file;
    this.keys = keys;
  }

  /**
   * What was done.
   *
   * @param manifest of the backup
   * @param aside where the database that was there is now; empty when there was none
   */
  public record Done(BackupManifest manifest, Optional<Path> aside) {}

  /**
   * Looks whether it could be restored, without doing it.
   *
   * @param scratch a folder with room for the database
   * @throws BackupException when it could not
   */
  public void check(Path scratch) throws BackupException {
    try {
      Path copy = Files.createTempFile(scratch, "mimir-verify-", ".db");
      try {
        file.extractDatabase(copy);
        inspect(copy);
      } finally {
        Files.deleteIfExists(copy);
      }
    } catch (IOException e) {
      throw new BackupException("The folder %s cannot be written".formatted(scratch), e);
    }
  }

  private void inspect(Path database) throws BackupException, IOException {
    try {
      Database.inspect(database);
      try (Connection connection = Database.dataSource(database).getConnection();
          Statement sql = connection.createStatement()) {
        List<DataKey> stored = DataKeys.load(connection);
        Optional<String> foreign = keys.foreign(stored);
        if (foreign.isPresent()) {
          throw new BackupException(
              "The backup was sealed with the master key %s, and %s was given: set MIMIR_ENCRYPTION_KEY to the former. Nothing was changed"
                  .formatted(foreign.get(), keys.current().id()));
        }
        file.authenticate(vault(stored));
        // What is read only later has no log beside it.
        sql.execute("pragma journal_mode = delete");
      }
    } catch (DatabaseRefusedException e) {
      throw new BackupException(e.getMessage(), e);
    } catch (SQLException e) {
      throw new BackupException("The database of the backup cannot be read", e);
    }
  }

  private Vault vault(List<DataKey> stored) throws BackupException {
    try {
      return keys.vault(stored);
    } catch (IllegalArgumentException e) {
      throw new BackupException("The backup has lost its data keys, which open all others", e);
    }
  }

  /**
   * Restores it.
   *
   * @param folder the data folder, locked
   * @param database where the database belongs, locked
   * @param plugins where plugin files belong
   * @param replace whether a database that is there may be moved aside
   * @throws BackupException when it cannot be; nothing was changed then
   */
  public Done run(DataFolder folder, Path database, Path plugins, boolean replace)
      throws BackupException {
    boolean there = Files.exists(database);
    if (there && !replace) {
      throw new BackupException(
          "There is a database already: %s. With --replace it is moved aside. Nothing was changed"
              .formatted(database));
    }
    PendingRestore pending =
        new PendingRestore(
            database,
            plugins,
            folder.file(RunFiles.FOLDER),
            names(),
            ".before-" + STAMP.format(Instant.now()));
    try {
      prepare(pending, folder);
    } catch (IOException e) {
      throw new BackupException(
          "The restored files cannot be written beside the old ones. Nothing was changed", e);
    }
    try {
      pending.commit(folder);
      finish(folder);
    } catch (IOException e) {
      throw new BackupException(
          "The files are ready and could not all be moved to their places: mend the folders %s and %s, and start Mimir, which goes on with it"
              .formatted(database.getParent(), plugins),
          e);
    }
    return new Done(
        file.manifest(), there ? Optional.of(pending.databaseAside()) : Optional.empty());
  }

  /**
   * Finishes what a process has begun and not ended; does nothing when there is nothing.
   *
   * @throws IOException when a file cannot be moved
   */
  public static void finish(DataFolder folder) throws IOException {
    PendingRestore.finish(folder);
  }

  private Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    for (Entry plugin : file.plugins()) {
      names.add(plugin.name().substring(Backup.PLUGINS.length()));
    }
    return names;
  }

  private void prepare(PendingRestore pending, DataFolder folder)
      throws IOException, BackupException {
    boolean ready = false;
    try {
      pending.abandon();
      Path copy = pending.readyDatabase();
      Database.create(copy);
      file.extractDatabase(copy);
      inspect(copy);
      upgrade(copy, folder.file(HeadFile.NAME));
      PendingRestore.sync(copy);
      if (!file.plugins().isEmpty()) {
        DataFolder.create(pending.plugins());
        DataFolder.create(pending.readyPlugins());
        for (Entry plugin : file.plugins()) {
          Path to =
              pending.readyPlugins().resolve(plugin.name().substring(Backup.PLUGINS.length()));
          file.extract(plugin, to);
          if (to.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("r--------"));
          }
          PendingRestore.sync(to);
        }
      }
      prepareRuns(pending);
      ready = true;
    } finally {
      if (!ready) {
        pending.abandon();
      }
    }
  }

  /** Without any in the backup as well: those that are there belong to another database. */
  private void prepareRuns(PendingRestore pending) throws IOException, BackupException {
    Set<Path> folders = new LinkedHashSet<>(Set.of(pending.readyRuns()));
    DataFolder.create(pending.readyRuns());
    for (Entry value : file.runs()) {
      Path to = pending.readyRuns().resolve(value.name().substring(RunFiles.PREFIX.length()));
      DataFolder.create(to.getParent());
      folders.add(to.getParent());
      file.extract(value, to);
      PendingRestore.sync(to);
    }
    for (Path folder : folders) {
      PendingRestore.sync(folder);
    }
  }

  /**
   * Brings an older one up to date here, where nothing is lost when that fails, and has its audit
   * log say that it was restored.
   */
  private void upgrade(Path database, Path headFile) throws BackupException, IOException {
    try (Connection connection = Database.dataSource(database).getConnection()) {
      SchemaMigration.run(connection);
      connection.setAutoCommit(true);
      AuditChain.restored(
          connection, chainKeys(connection), headFile, OPERATOR, file.manifest().createdAt());
      try (Statement sql = connection.createStatement()) {
        sql.execute("pragma journal_mode = delete");
      }
    } catch (SQLException | LiquibaseException e) {
      throw new BackupException(
          "The database of the backup cannot be brought up to date. Nothing was changed", e);
    }
  }

  /** One of before the chain has no key for it. */
  private ChainKeys chainKeys(Connection connection) throws SQLException {
    List<DataKey> stored = DataKeys.load(connection);
    if (stored.stream().noneMatch(key -> key.getPurpose().equals(DataKey.AUDIT))) {
      DataKey fresh = DataKey.create(DataKey.AUDIT, keys.current(), Instant.now());
      DataKeys.insert(connection, fresh);
      stored.add(fresh);
    }
    return keys.chainKeys(stored);
  }
}

package io.mimir.start.service;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.audit.ChainKeys;
import io.mimir.audit.service.AuditChain;
import io.mimir.audit.service.HeadFile;
import io.mimir.backup.service.Restore;
import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.StartException.Exit;
import io.mimir.security.DataKey;
import io.mimir.security.MasterKey;
import io.mimir.security.Vault;
import io.mimir.security.service.DataKeys;
import io.mimir.security.service.DevKeyFile;
import io.mimir.security.service.MasterKeys;
import io.mimir.storage.service.DataFolder;
import io.mimir.storage.service.Database;
import io.mimir.storage.service.DatabaseRefusedException;
import io.mimir.storage.service.SchemaMigration;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import liquibase.exception.LiquibaseException;

/**
 * Opens the data, in the one order that is safe: settings, data folder, master key, schema, data
 * keys. Nothing is written before the master key is known to be the right one. It happens once,
 * whoever asks first, and how it ended stays.
 */
final class DataBootstrap {

  private static final System.Logger LOG = System.getLogger(DataBootstrap.class.getName());

  private static DataBootstrap opening;
  private static StartException failure;

  private final StartConfig config = new StartConfig();
  private DataLocks locks;
  private Connection anchor;
  private Vault vault;
  private ChainKeys chainKeys;
  private AuditChain chain;

  private DataBootstrap() {}

  /**
   * @throws StartException the same one each time
   */
  static synchronized DataBootstrap opened() {
    if (failure != null) {
      throw failure;
    }
    if (opening == null) {
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      // The pool calls without one, and configuration and Liquibase look there.
      thread.setContextClassLoader(DataBootstrap.class.getClassLoader());
      DataBootstrap attempt = new DataBootstrap();
      try {
        attempt.bringUp();
      } catch (StartException e) {
        attempt.release();
        failure = e;
        report(e, attempt.config);
        throw e;
      } finally {
        thread.setContextClassLoader(before);
      }
      opening = attempt;
      openLog(attempt.folder());
    }
    return opening;
  }

  /** From now on the log may be written: the server's handler waits for this property. */
  private static void openLog(DataFolder folder) {
    System.setProperty("mimir.log.file", folder.file("logs").resolve("mimir.log").toString());
  }

  /** Gives the locks back. */
  static synchronized void close() {
    if (opening != null) {
      opening.release();
      opening = null;
    }
  }

  private void bringUp() {
    config.checkProfile();
    config.drain();
    for (String name : config.unknownNames()) {
      LOG.log(WARNING, "{0} is not a setting of Mimir and has no effect: see the README", name);
    }
    Optional<MasterKey> given = GivenKeys.current(config);
    if (given.isEmpty() && !config.isDev()) {
      throw GivenKeys.none();
    }
    locks = DataLocks.take(config);
    finishRestore();
    inspectDatabase();
    MasterKeys keys =
        new MasterKeys(given.orElseGet(this::keyOfDevProfile), GivenKeys.previous(config));
    createDatabase();
    try (Connection connection = Database.dataSource().getConnection()) {
      List<DataKey> stored = checked(DataKeys.load(connection), keys);
      if (SchemaMigration.run(connection)) {
        LOG.log(INFO, "The database schema is up to date");
      }
      List<DataKey> dataKeys = settled(connection, stored, keys);
      vault = keys.vault(dataKeys);
      chainKeys = keys.chainKeys(dataKeys);
      chain = AuditChain.open(connection, chainKeys, folder());
      Database.remember();
      anchor = Database.anchor();
    } catch (SQLException e) {
      throw new StartException(
          Exit.FAILED, "The database cannot be used: " + Database.reason(e), e);
    } catch (IOException e) {
      throw StartException.configuration(
          "The file %s cannot be read or written: it holds the end of the audit log"
              .formatted(folder().file(HeadFile.NAME)));
    } catch (LiquibaseException e) {
      throw new StartException(
          Exit.FAILED, "The database schema cannot be brought up to date; the log says why", e);
    }
  }

  private static void inspectDatabase() {
    try {
      Database.inspect();
    } catch (DatabaseRefusedException e) {
      throw StartException.configuration(e.getMessage());
    }
  }

  private static void createDatabase() {
    try {
      Database.create();
    } catch (IOException e) {
      throw StartException.configuration(
          "The file of the database %s cannot be written".formatted(Database.path()));
    }
  }

  /** What a restore that was killed has left to do. */
  private void finishRestore() {
    try {
      Restore.finish(folder());
    } catch (IOException e) {
      throw new StartException(
          Exit.FAILED, "A restore was begun, and its files cannot be moved to their places", e);
    }
  }

  /** Only the dev profile keeps the master key beside the data, and says so each time. */
  private MasterKey keyOfDevProfile() {
    try {
      MasterKey key = DevKeyFile.readOrCreate(folder(), Database.exists());
      LOG.log(
          WARNING,
          "The dev profile keeps the master key in {0}, beside the data that it protects."
              + " Set MIMIR_ENCRYPTION_KEY for anything real.",
          folder().file(DevKeyFile.NAME));
      return key;
    } catch (IllegalArgumentException e) {
      throw StartException.configuration(e.getMessage());
    } catch (IOException e) {
      throw new StartException(Exit.FAILED, "The key file of the dev profile cannot be used", e);
    }
  }

  private static List<DataKey> checked(List<DataKey> stored, MasterKeys keys) {
    keys.foreign(stored)
        .ifPresent(
            id -> {
              throw StartException.configuration(
                  "The master key is not the one that this database was sealed with: it has the id %s, %s was given. Nothing was changed."
                      .formatted(id, keys.current().id()));
            });
    return stored;
  }

  /**
   * Wraps what a previous master key wrapped with the current one, and makes the first keys of a
   * new database.
   */
  private static List<DataKey> settled(
      Connection connection, List<DataKey> stored, MasterKeys given) throws SQLException {
    List<DataKey> keys = new ArrayList<>(stored);
    MasterKey master = given.current();
    connection.setAutoCommit(false);
    for (DataKey key : given.rewrap(stored)) {
      DataKeys.update(connection, key);
      LOG.log(INFO, "Data key {0} is now wrapped by the master key {1}", key.getId(), master.id());
    }
    for (String purpose : List.of(DataKey.SEAL, DataKey.MAC, DataKey.AUDIT)) {
      if (stored.stream().noneMatch(key -> key.getPurpose().equals(purpose))) {
        DataKey fresh = DataKey.create(purpose, master, Instant.now());
        DataKeys.insert(connection, fresh);
        keys.add(fresh);
      }
    }
    connection.commit();
    return keys;
  }

  static void report(StartException e, StartConfig config) {
    LOG.log(ERROR, "Mimir cannot start: " + e.getMessage(), e.getCause());
    config
        .report()
        .ifPresent(
            file -> {
              try {
                Files.writeString(file, e.exit().code() + " " + e.getMessage() + "\n");
              } catch (IOException io) {
                LOG.log(WARNING, "The launcher cannot be told", io);
              }
            });
  }

  private void release() {
    try {
      if (anchor != null) {
        anchor.close();
      }
      if (locks != null) {
        locks.close();
      }
    } catch (IOException | SQLException e) {
      LOG.log(WARNING, "The data folder could not be released", e);
    }
  }

  DataFolder folder() {
    return locks.folder();
  }

  Vault vault() {
    return vault;
  }

  ChainKeys chainKeys() {
    return chainKeys;
  }

  AuditChain chain() {
    return chain;
  }
}

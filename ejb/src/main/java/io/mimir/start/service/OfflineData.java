package io.mimir.start.service;

import io.mimir.audit.ChainKeys;
import io.mimir.backup.service.Restore;
import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.StartException.Exit;
import io.mimir.security.DataKey;
import io.mimir.security.MasterKey;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.service.DataKeys;
import io.mimir.security.service.DevKeyFile;
import io.mimir.security.service.MasterKeys;
import io.mimir.storage.service.DataFolder;
import io.mimir.storage.service.Database;
import io.mimir.storage.service.DatabaseRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The data of a server that does not run, for the verbs of the {@code mimir} command: locked, so
 * that none starts meanwhile. The settings are the server's own.
 */
public final class OfflineData implements AutoCloseable {

  private final DataLocks locks;

  private OfflineData(DataLocks locks) {
    this.locks = locks;
  }

  /**
   * Locks the data folder, makes it where it is not there, and finishes a restore that was killed.
   *
   * @throws StartException when a server runs, or the folder cannot be written
   */
  public static OfflineData lock() {
    OfflineData data = new OfflineData(DataLocks.take(new StartConfig()));
    try {
      Restore.finish(data.folder());
      return data;
    } catch (IOException e) {
      data.close();
      throw new StartException(
          Exit.FAILED, "A restore was begun, and its files cannot be moved to their places", e);
    }
  }

  public DataFolder folder() {
    return locks.folder();
  }

  /**
   * The master keys of the settings, or of the file of the dev profile.
   *
   * @throws StartException when there is none, or it cannot be used
   */
  public static MasterKeys masterKeys() {
    StartConfig config = new StartConfig();
    MasterKey current =
        GivenKeys.current(config)
            .or(() -> config.isDev() ? ofDevProfile(config) : Optional.empty())
            .orElseThrow(
                () ->
                    StartException.configuration(
                        "MIMIR_ENCRYPTION_KEY is not set: give the master key that the data was sealed with"));
    return new MasterKeys(current, GivenKeys.previous(config));
  }

  private static Optional<MasterKey> ofDevProfile(StartConfig config) {
    Path file = config.dataDir().resolve(DevKeyFile.NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (Secret text = Secret.of(Files.readString(file))) {
      return Optional.of(MasterKey.parse(text));
    } catch (IllegalArgumentException e) {
      throw StartException.configuration(
          "The key file %s cannot be used: %s".formatted(file, e.getMessage()));
    } catch (IOException e) {
      throw new StartException(Exit.FAILED, "The key file of the dev profile cannot be used", e);
    }
  }

  /**
   * The vault of the database as it is.
   *
   * @throws StartException when there is no database, it is not for this Mimir, or the master key
   *     is another one
   */
  public Vault vault() {
    return openDatabase();
  }

  /**
   * Opens the data keys of the database, whether a server has it or not; nothing is written.
   *
   * @throws StartException when there is no database, it is not for this Mimir, or the master key
   *     is another one
   */
  public static Vault openDatabase() {
    return masterKeys().vault(openedKeys());
  }

  /**
   * The keys that the audit log is sealed with, of the database as it is.
   *
   * @throws StartException like {@link #vault}, and when the log is from before it was sealed
   */
  public ChainKeys chainKeys() {
    try {
      return masterKeys().chainKeys(openedKeys());
    } catch (IllegalArgumentException e) {
      throw StartException.configuration(
          "The audit log is from before it was sealed: start this Mimir once");
    }
  }

  private static List<DataKey> openedKeys() {
    if (!Database.exists()) {
      throw StartException.configuration(
          "There is no database at %s: set MIMIR_DATA_DIR to the folder of Mimir's data"
              .formatted(Database.path()));
    }
    MasterKeys keys = masterKeys();
    try {
      Database.inspect();
      try (Connection connection = Database.dataSource().getConnection()) {
        List<DataKey> stored = DataKeys.load(connection);
        keys.foreign(stored)
            .ifPresent(
                id -> {
                  throw StartException.configuration(
                      "The master key is not the one that this database was sealed with: it has the id %s, %s was given"
                          .formatted(id, keys.current().id()));
                });
        if (stored.isEmpty()) {
          throw StartException.configuration(
              "The database has lost its data keys: restore a backup");
        }
        return stored;
      }
    } catch (DatabaseRefusedException e) {
      throw StartException.configuration(e.getMessage());
    } catch (SQLException e) {
      throw new StartException(
          Exit.FAILED, "The database cannot be used: " + Database.reason(e), e);
    }
  }

  /** Names in the environment that look like settings and are none. */
  public static List<String> unknownSettings() {
    return new StartConfig().unknownNames();
  }

  /** The data folder of the settings. */
  public static Path dataDir() {
    return new StartConfig().dataDir();
  }

  @Override
  public void close() {
    try {
      locks.close();
    } catch (IOException e) {
      throw new StartException(Exit.FAILED, "The data folder cannot be released", e);
    }
  }
}

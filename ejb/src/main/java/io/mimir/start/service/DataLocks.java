package io.mimir.start.service;

import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.StartException.Exit;
import io.mimir.storage.service.DataFolder;
import io.mimir.storage.service.Database;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The data folder and the database, locked: nobody else writes to them.
 *
 * @param folder the data folder
 * @param database the lock of the database, which may lie elsewhere
 */
record DataLocks(DataFolder folder, Database.Lock database) implements AutoCloseable {

  /**
   * Takes both.
   *
   * @throws StartException when another process has one of them, or it cannot be written
   */
  static DataLocks take(StartConfig config) {
    DataFolder folder = lockFolder(config.dataDir());
    boolean taken = false;
    try {
      DataLocks locks = new DataLocks(folder, lockDatabase());
      taken = true;
      return locks;
    } finally {
      if (!taken) {
        release(folder);
      }
    }
  }

  private static void release(DataFolder folder) {
    try {
      folder.close();
    } catch (IOException e) {
      throw new StartException(Exit.FAILED, "The data folder cannot be released", e);
    }
  }

  private static DataFolder lockFolder(Path path) {
    try {
      return DataFolder.lock(path)
          .orElseThrow(
              () ->
                  new StartException(
                      Exit.DATA_FOLDER_IN_USE,
                      "Another Mimir uses the data folder " + path + ": stop it first"));
    } catch (IOException e) {
      throw StartException.configuration(
          "The data folder " + path + " cannot be written: set MIMIR_DATA_DIR to one that can");
    }
  }

  private static Database.Lock lockDatabase() {
    try {
      return Database.lock()
          .orElseThrow(
              () ->
                  new StartException(
                      Exit.DATA_FOLDER_IN_USE,
                      "Another Mimir uses the database " + Database.path() + ": stop it first"));
    } catch (IOException e) {
      throw StartException.configuration(
          "The folder of the database " + Database.path() + " cannot be written");
    }
  }

  @Override
  public void close() throws IOException {
    database.close();
    folder.close();
  }
}

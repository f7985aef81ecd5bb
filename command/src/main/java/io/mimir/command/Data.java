package io.mimir.command;

import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.StartException.Exit;
import io.mimir.start.service.OfflineData;
import java.nio.file.Files;
import java.nio.file.Path;

/** The data of the settings: of a server that runs, or of none. */
final class Data {

  private Data() {}

  /** What is done with a server. */
  interface Online<T> {
    T with(RunningServer server) throws Exception;
  }

  /** What is done without one, while the data folder is locked. */
  interface Offline<T> {
    T with(OfflineData data) throws Exception;
  }

  /**
   * Asks the server that has the data, or does it here when none has.
   *
   * @throws StartException when there is no data, or its server cannot be asked
   */
  static <T> T ask(Online<T> online, Offline<T> offline) throws Exception {
    Path folder = existing();
    OfflineData data;
    try {
      data = OfflineData.lock();
    } catch (StartException e) {
      if (e.exit() == Exit.DATA_FOLDER_IN_USE) {
        return online.with(RunningServer.of(folder));
      }
      throw e;
    }
    try (data) {
      return offline.with(data);
    }
  }

  /** A look must not make a folder. */
  private static Path existing() {
    Path folder = OfflineData.dataDir();
    if (!Files.isDirectory(folder)) {
      throw StartException.configuration(
          "There is no data folder %s: set MIMIR_DATA_DIR to the one of Mimir".formatted(folder));
    }
    return folder;
  }
}

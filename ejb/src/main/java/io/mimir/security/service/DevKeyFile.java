package io.mimir.security.service;

import io.mimir.security.MasterKey;
import io.mimir.security.Secret;
import io.mimir.storage.service.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The master key of the dev profile: a file in the data folder that only its owner can read. */
public final class DevKeyFile {

  public static final String NAME = "encryption.key";

  private DevKeyFile() {}

  /**
   * @param databaseExists whether there is data that an older key has sealed: a new key would not
   *     open it
   * @throws IllegalArgumentException with a sentence for the operator
   */
  public static MasterKey readOrCreate(DataFolder folder, boolean databaseExists)
      throws IOException {
    Path file = folder.file(NAME);
    if (!Files.exists(file)) {
      if (databaseExists) {
        throw new IllegalArgumentException(
            "The database is there and its key is not: set MIMIR_ENCRYPTION_KEY, or bring back "
                + file);
      }
      try (Secret fresh = MasterKey.generate()) {
        folder.writePrivately(NAME, fresh.reveal());
      }
    }
    if (DataFolder.isReadableByOthers(file)) {
      throw new IllegalArgumentException(
          "The key file " + file + " can be read by others: chmod 600 it");
    }
    try (Secret text = Secret.of(Files.readString(file))) {
      return MasterKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "The key file " + file + " cannot be used: " + e.getMessage());
    }
  }
}

package io.mimir.storage.service;

import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Where the data is. Looked up and not injected, because the server makes the data source before
 * there are beans.
 *
 * @param dbPath the SQLite file, absolute
 */
record StorageConfig(Path dbPath) {

  static StorageConfig load() {
    Config config = ConfigProvider.getConfig(StorageConfig.class.getClassLoader());
    String dataDir = config.getOptionalValue("mimir.data.dir", String.class).orElse("data");
    Optional<String> path =
        config.getOptionalValue("mimir.db.path", String.class).filter(text -> !text.isBlank());
    return new StorageConfig(
        path.map(Path::of)
            .orElseGet(() -> Path.of(dataDir).resolve("mimir.db"))
            .toAbsolutePath()
            .normalize());
  }
}

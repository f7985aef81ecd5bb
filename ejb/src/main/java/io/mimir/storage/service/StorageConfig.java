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
 * @param pluginDir the folder of plugin files, absolute
 */
public record StorageConfig(Path dbPath, Path pluginDir) {

  /** Reads {@code MIMIR_DATA_DIR}, {@code MIMIR_DB_PATH} and {@code MIMIR_PLUGIN_DIR}. */
  public static StorageConfig load() {
    Config config = ConfigProvider.getConfig(StorageConfig.class.getClassLoader());
    Path data = Path.of(text(config, "mimir.data.dir").orElse("data"));
    return new StorageConfig(
        absolute(text(config, "mimir.db.path").map(Path::of), data.resolve("mimir.db")),
        absolute(text(config, "mimir.plugin.dir").map(Path::of), data.resolve("plugins")));
  }

  private static Optional<String> text(Config config, String name) {
    return config
        .getOptionalValue(name, String.class)
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  private static Path absolute(Optional<Path> given, Path otherwise) {
    return given.orElse(otherwise).toAbsolutePath().normalize();
  }
}

package io.mimir.plugin.service;

import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.Started;
import io.mimir.storage.service.StorageConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@code MIMIR_PLUGIN_DIR}, {@code MIMIR_PLUGIN_SANDBOX} and {@code MIMIR_PLUGIN_MAX_BYTES}. */
@ApplicationScoped
public class PluginConfig {

  /** What a plugin may have unless it is set, and the most that can be set. */
  private static final long USUAL_BYTES = 64L * 1024 * 1024;

  @Inject
  @ConfigProperty(name = "mimir.plugin.sandbox")
  Optional<String> sandbox;

  @Inject
  @ConfigProperty(name = "mimir.plugin.max.bytes")
  Optional<String> maxBytes;

  /** A wrong setting stops the start. */
  void check(@Observes Started started) {
    sandboxRequired();
    maxBytes();
  }

  Path folder() {
    return StorageConfig.load().pluginDir();
  }

  /** Whether a host that cannot be jailed whole is not to run. */
  boolean sandboxRequired() {
    String wish = sandbox.map(String::strip).filter(text -> !text.isEmpty()).orElse("prefer");
    return switch (wish) {
      case "require" -> true;
      case "prefer" -> false;
      default ->
          throw StartException.configuration("MIMIR_PLUGIN_SANDBOX must be require or prefer");
    };
  }

  long maxBytes() {
    String wish = maxBytes.map(String::strip).orElse("");
    if (wish.isEmpty()) {
      return USUAL_BYTES;
    }
    if (!wish.matches("[1-9][0-9]{0,8}") || Long.parseLong(wish) > USUAL_BYTES) {
      throw StartException.configuration(
          "MIMIR_PLUGIN_MAX_BYTES must be a whole number of bytes up to " + USUAL_BYTES);
    }
    return Long.parseLong(wish);
  }
}

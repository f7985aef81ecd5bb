package io.mimir.plugin.service.builtin;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.security.Secret;
import java.util.Map;
import java.util.Optional;

/**
 * A plugin's configuration, opened for one call. Closing it wipes the secrets.
 *
 * @param open what may be shown
 * @param secrets what may not, by name
 */
public record Settings(ObjectNode open, Map<String, Secret> secrets) implements AutoCloseable {

  public Settings {
    requireNonNull(open);
    secrets = Map.copyOf(secrets);
  }

  /** A text that is set and not empty. */
  Optional<String> text(String name) {
    return Optional.of(open.path(name).asText("")).filter(text -> !text.isEmpty());
  }

  @Override
  public void close() {
    secrets.values().forEach(Secret::close);
  }
}

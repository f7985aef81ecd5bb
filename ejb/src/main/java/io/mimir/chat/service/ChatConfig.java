package io.mimir.chat.service;

import io.mimir.lifecycle.service.RetentionDays;
import io.mimir.lifecycle.service.StartException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@code MIMIR_CHAT_RETENTION_DAYS}. */
@ApplicationScoped
public class ChatConfig {

  @Inject
  @ConfigProperty(name = "mimir.chat.retention.days")
  Optional<String> retentionDays;

  /**
   * How long a conversation is kept after something last happened in it; empty for ever.
   *
   * @throws StartException when the setting is no number of days
   */
  Optional<Duration> retention() {
    return RetentionDays.read(
        retentionDays.orElse(null), "MIMIR_CHAT_RETENTION_DAYS", "conversations");
  }
}

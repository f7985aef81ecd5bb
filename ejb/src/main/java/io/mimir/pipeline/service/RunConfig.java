package io.mimir.pipeline.service;

import io.mimir.lifecycle.service.StartException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@code MIMIR_RUN_RETENTION_DAYS}. */
@ApplicationScoped
public class RunConfig {

  /** A century. */
  private static final int MOST_DAYS = 36_500;

  @Inject
  @ConfigProperty(name = "mimir.run.retention.days")
  Optional<String> retentionDays;

  /**
   * How long a run is kept after its end; empty for ever.
   *
   * @throws StartException when the setting is no number of days
   */
  Optional<Duration> retention() {
    return retentionDays.map(String::strip).filter(text -> !text.isEmpty()).map(RunConfig::days);
  }

  private static Duration days(String text) {
    if (!text.matches("[1-9][0-9]{0,4}") || Integer.parseInt(text) > MOST_DAYS) {
      throw StartException.configuration(
          "MIMIR_RUN_RETENTION_DAYS must be a whole number of days from 1 to %d;"
                  .formatted(MOST_DAYS)
              + " leave it out to keep runs");
    }
    return Duration.ofDays(Integer.parseInt(text));
  }
}

package io.mimir.pipeline.service;

import io.mimir.lifecycle.service.RetentionDays;
import io.mimir.lifecycle.service.StartException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** {@code MIMIR_RUN_RETENTION_DAYS}. */
@ApplicationScoped
public class RunConfig {

  @Inject
  @ConfigProperty(name = "mimir.run.retention.days")
  Optional<String> retentionDays;

  /**
   * How long a run is kept after its end; empty for ever.
   *
   * @throws StartException when the setting is no number of days
   */
  Optional<Duration> retention() {
    return RetentionDays.read(retentionDays.orElse(null), "MIMIR_RUN_RETENTION_DAYS", "runs");
  }
}

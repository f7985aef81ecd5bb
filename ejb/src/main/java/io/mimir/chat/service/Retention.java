package io.mimir.chat.service;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.lifecycle.service.Started;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.EJBException;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Forgets conversations in which nothing happened for as long as the setting says. */
@ApplicationScoped
public class Retention {

  private static final System.Logger LOG = System.getLogger(Retention.class.getName());

  @Inject ChatConfig config;
  @Inject Transcript transcript;
  @Resource ManagedScheduledExecutorService scheduler;

  private ScheduledFuture<?> daily;

  void begin(@Observes Started started) {
    Optional<Duration> kept = config.retention();
    if (kept.isPresent()) {
      purge(kept.get());
      daily = scheduler.scheduleAtFixedRate(() -> purge(kept.get()), 1, 1, TimeUnit.DAYS);
    }
  }

  private void purge(Duration kept) {
    try {
      int gone = transcript.purge(Instant.now().minus(kept));
      if (gone > 0) {
        LOG.log(INFO, "{0} conversations older than {1} days were deleted", gone, kept.toDays());
      }
    } catch (EJBException e) {
      LOG.log(WARNING, "Old conversations could not be deleted; it will be tried again", e);
    }
  }

  @PreDestroy
  void stop() {
    if (daily != null) {
      daily.cancel(false);
    }
  }
}

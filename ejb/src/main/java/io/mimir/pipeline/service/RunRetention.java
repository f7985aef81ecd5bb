package io.mimir.pipeline.service;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.lifecycle.service.Started;
import io.mimir.pipeline.service.run.JournalException;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Forgets runs that ended as long ago as the setting says, a few at a time: nothing stops for it.
 */
@ApplicationScoped
public class RunRetention {

  private static final System.Logger LOG = System.getLogger(RunRetention.class.getName());

  private static final int AT_ONCE = 100;

  /** For how many days it is known how many runs ended, whether the runs are kept or not. */
  static final int COUNTED_DAYS = 31;

  @Inject RunConfig config;
  @Inject RunDispatch dispatch;
  @Resource ManagedScheduledExecutorService scheduler;

  private ScheduledFuture<?> hourly;

  /** After the store of runs is there. */
  void begin(@Observes @Priority(10_001) Started started) {
    Optional<Duration> kept = config.retention();
    hourly = scheduler.scheduleWithFixedDelay(() -> purge(kept), 0, 1, TimeUnit.HOURS);
  }

  private void purge(Optional<Duration> kept) {
    try {
      dispatch.tallies().forgetBefore(LocalDate.now(ZoneOffset.UTC).minusDays(COUNTED_DAYS - 1));
    } catch (JournalException e) {
      LOG.log(WARNING, "Old counts of runs could not be deleted; it will be tried again", e);
    }
    kept.ifPresent(this::purgeRuns);
  }

  private void purgeRuns(Duration kept) {
    long before = Instant.now().minus(kept).toEpochMilli();
    int gone = 0;
    try {
      for (List<String> ids = next(before); !ids.isEmpty(); ids = next(before)) {
        for (String id : ids) {
          dispatch.values().remove(id);
          dispatch.runs().delete(id);
          gone++;
        }
      }
    } catch (JournalException | IOException e) {
      LOG.log(WARNING, "Old runs could not be deleted; it will be tried again in an hour", e);
    }
    if (gone > 0) {
      LOG.log(INFO, "{0} runs older than {1} days were deleted", gone, kept.toDays());
    }
  }

  private List<String> next(long before) {
    return dispatch.runs().finishedBefore(before, AT_ONCE);
  }

  @PreDestroy
  void stop() {
    if (hourly != null) {
      hourly.cancel(false);
    }
  }
}

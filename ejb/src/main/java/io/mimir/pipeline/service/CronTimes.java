package io.mimir.pipeline.service;

import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.schedule.CronSchedule;
import com.github.kagkarlsson.scheduler.task.schedule.CronStyle;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;

/** The times of cron: five fields (minute, hour, day, month, day of the week), in a time zone. */
final class CronTimes {

  private CronTimes() {}

  /**
   * Returns the first time after a moment.
   *
   * @throws ProblemException REFUSED naming {@code cron} or {@code time_zone}
   */
  static Instant next(String cron, String timeZone, Instant after) {
    ZoneId zone;
    try {
      zone = ZoneId.of(timeZone);
    } catch (DateTimeException e) {
      throw ProblemException.of(
          Problem.REFUSED,
          "time_zone",
          "invalid",
          "Give a time zone by its id, such as Europe/Berlin or UTC");
    }
    try {
      return new CronSchedule(cron, zone, CronStyle.UNIX)
          .getNextExecutionTime(ExecutionComplete.simulatedSuccess(after));
    } catch (RuntimeException e) {
      // The library has several exceptions for a text that it cannot read.
      throw ProblemException.of(
          Problem.REFUSED,
          "cron",
          "invalid",
          "cron has five fields, such as 30 6 * * 1-5 for half past six on weekdays");
    }
  }
}

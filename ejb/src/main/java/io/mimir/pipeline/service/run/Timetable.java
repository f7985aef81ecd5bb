package io.mimir.pipeline.service.run;

import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceCurrentlyExecutingException;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceNotFoundException;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import java.time.Instant;

/** Says when things of db-scheduler are due. */
public final class Timetable {

  private Timetable() {}

  /**
   * Has something done at a time, whether or not it had one before. What is being done at this
   * moment is left alone: whoever does it looks for news before it lets go.
   *
   * <p>The library has a way of its own, which gives up where a row goes away in between.
   */
  public static void set(SchedulerClient scheduler, TaskInstance<Void> instance, Instant at) {
    try {
      scheduler.reschedule(instance, at);
    } catch (TaskInstanceNotFoundException e) {
      scheduler.scheduleIfNotExists(instance, at);
    } catch (TaskInstanceCurrentlyExecutingException e) {
      // See above.
    }
  }

  /** Has something not done any more, unless it is being done at this moment. */
  public static void clear(SchedulerClient scheduler, TaskInstance<Void> instance) {
    try {
      scheduler.cancel(instance);
    } catch (TaskInstanceNotFoundException | TaskInstanceCurrentlyExecutingException e) {
      // It is not due, or looks by itself whether it still should be.
    }
  }
}

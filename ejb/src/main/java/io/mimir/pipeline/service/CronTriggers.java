package io.mimir.pipeline.service;

import static java.lang.System.Logger.Level.WARNING;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.mimir.audit.AuditedAction;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.PipelineTrigger;
import io.mimir.pipeline.service.run.Timetable;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Starts runs at times. The times are rows of db-scheduler, like those of runs. */
@ApplicationScoped
public class CronTriggers {

  private static final System.Logger LOG = System.getLogger(CronTriggers.class.getName());

  private static final String TASK = "trigger";

  /** Later than this, a time was missed: the server did not run, or could not. */
  private static final Duration LATE = Duration.ofMinutes(1);

  @Inject TriggerStore triggers;
  @Inject AuditLog audit;
  @Inject TriggeredRuns runs;

  Task<Void> task() {
    return Tasks.custom(TASK, Void.class)
        .onDeadExecutionRevive()
        .execute(
            (instance, context) -> due(instance.getId(), context.getExecution().executionTime));
  }

  /** Has a trigger looked at when it is due next, or not any more. */
  void schedule(Scheduler scheduler, String id) {
    TaskInstance<Void> instance = new TaskInstance<>(TASK, id);
    Instant next =
        triggers
            .find(id)
            .filter(PipelineTrigger::isActive)
            .map(PipelineTrigger::getNextRunAt)
            .orElse(null);
    if (next == null) {
      Timetable.clear(scheduler, instance);
    } else {
      Timetable.set(scheduler, instance, next);
    }
  }

  /** Has all of them looked at, after a start. */
  void scheduleAll(Scheduler scheduler) {
    triggers
        .timed()
        .forEach(
            trigger ->
                scheduler.scheduleIfNotExists(
                    new TaskInstance<>(TASK, trigger.getId()), trigger.getNextRunAt()));
  }

  private CompletionHandler<Void> due(String id, Instant planned) {
    Optional<PipelineTrigger> found = triggers.find(id).filter(PipelineTrigger::isActive);
    if (found.isEmpty()) {
      return (complete, operations) -> operations.remove();
    }
    PipelineTrigger trigger = found.get();
    Instant now = Instant.now();
    boolean missed = planned.plus(LATE).isBefore(now);
    boolean runs = !missed || trigger.getMissed().equals("run");
    if (runs) {
      fire(trigger, planned);
    } else if (trigger.getMissed().equals("report")) {
      report(trigger, "trigger.missed", "planned", planned.toString());
    }
    Instant next = CronTimes.next(trigger.getCron(), trigger.getTimeZone(), now);
    triggers.fired(id, runs ? now : null, next);
    return (complete, operations) -> operations.reschedule(complete, next);
  }

  /** The time is the key: a server that is killed after it has started a run starts no second. */
  private void fire(PipelineTrigger trigger, Instant planned) {
    try {
      runs.start(trigger, null, trigger.getId() + " " + planned.toEpochMilli());
    } catch (ProblemException e) {
      report(trigger, "trigger.fail", "problem", e.problem().code());
      LOG.log(WARNING, "The trigger {0} started no run: {1}", trigger.getId(), e.getMessage());
    }
  }

  private void report(PipelineTrigger trigger, String action, String detail, String value) {
    audit.write(
        AuditedAction.ofTheServer(action).on(trigger.getId(), null).detail(detail, value),
        Outcome.FAILURE);
  }
}

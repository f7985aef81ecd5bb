package io.mimir.pipeline.service.run;

import static java.lang.System.Logger.Level.ERROR;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.jdbc.SqliteJdbcCustomization;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.ExecutionOperations;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.mimir.error.Faults;
import io.mimir.pipeline.PipelineLimits;
import io.mimir.storage.service.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;

/**
 * Has runs worked on when they are due: dispatch, timers and leases are db-scheduler's, on the
 * database that is there. Its rows say when to look at a run; what there is to do, the journal
 * says.
 */
public final class Dispatcher implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(Dispatcher.class.getName());

  private static final String RUN = "run";

  /** A run that nobody woke, because the message got lost, is looked at after this time. */
  private static final Duration POLL = Duration.ofSeconds(1);

  /** Dead after four of them, for a database with several nodes. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private static final Duration AFTER_FAULT = Duration.ofSeconds(5);
  private static final Duration PARKED = Duration.ofSeconds(30);

  private final DataSource database;
  private final Engine engine;
  private final RunStore runs;
  private final Slots slots;
  private final BooleanSupplier stopping;
  private final Scheduler scheduler;
  private final Map<String, RunControl> controls = new ConcurrentHashMap<>();

  /**
   * @param threads those that work on runs; at most {@link PipelineLimits#RUNNING} at once are
   *     taken
   * @param stopping whether nothing new may begin
   * @param more other things that are done at a time, such as triggers
   */
  public Dispatcher(
      DataSource database,
      Engine engine,
      RunStore runs,
      ExecutorService threads,
      BooleanSupplier stopping,
      List<Task<?>> more) {
    this.database = database;
    this.engine = engine;
    this.runs = runs;
    this.stopping = stopping;
    this.slots = new Slots(this::wake);
    List<Task<?>> tasks = new ArrayList<>(more);
    tasks.add(
        Tasks.custom(RUN, Void.class)
            .onDeadExecutionRevive()
            .execute((instance, context) -> work(instance.getId())));
    this.scheduler =
        Scheduler.create(database, tasks)
            .jdbcCustomization(new SqliteJdbcCustomization())
            .executorService(threads)
            .threads(PipelineLimits.RUNNING)
            .pollUsingFetch(0.5, 1.0)
            .pollingInterval(POLL)
            .heartbeatInterval(HEARTBEAT)
            .missedHeartbeatsLimit(4)
            .enableImmediateExecution()
            .alwaysPersistTimestampInUTC()
            .shutdownMaxWait(Duration.ofSeconds(5))
            .build();
  }

  /** For triggers, which have tasks of their own. */
  public Scheduler scheduler() {
    return scheduler;
  }

  /**
   * Begins. What a process before left unfinished goes on at once: this one has the database for
   * itself, so that nobody else can be working on it.
   */
  public void start() {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "update scheduled_tasks set picked = false, picked_by = null, last_heartbeat = null"
              + " where picked = true");
    } catch (SQLException e) {
      throw new JournalException(
          new SQLException("Runs cannot go on: " + Database.reason(e), e.getSQLState()));
    }
    Instant now = Instant.now();
    for (String id : runs.unfinished()) {
      scheduler.scheduleIfNotExists(instance(id), now);
    }
    scheduler.start();
  }

  private static TaskInstance<Void> instance(String runId) {
    return new TaskInstance<>(RUN, runId);
  }

  /** Has a run looked at now: it is new, or something came from outside. */
  public void wake(String runId) {
    Timetable.set(scheduler, instance(runId), Instant.now());
  }

  /** Ends the work on a run that somebody has cancelled; the journal knows it already. */
  public void cancelled(String runId) {
    RunControl control = controls.get(runId);
    if (control != null) {
      control.end(RunControl.End.CANCELLED);
    }
    wake(runId);
  }

  /** How many runs are worked on. */
  public int running() {
    return controls.size();
  }

  private CompletionHandler<Void> work(String runId) {
    if (stopping.getAsBoolean()) {
      return Dispatcher::later;
    }
    String pipeline = null;
    try {
      Engine.Place place = engine.place(runId);
      if (place == null) {
        return Dispatcher::over;
      }
      if (!slots.take(place.pipelineId(), place.concurrency(), runId)) {
        return (complete, operations) -> park(runId, place, complete, operations);
      }
      pipeline = place.pipelineId();
      return handled(runId, controlled(runId));
    } catch (RuntimeException e) {
      // What the database refuses for a while comes here, and faults of ours.
      LOG.log(ERROR, "The run " + runId + " stopped unexpectedly", Faults.nameless(e));
      return Dispatcher::later;
    } finally {
      if (pipeline != null) {
        slots.give(pipeline);
      }
    }
  }

  private Outcome controlled(String runId) {
    RunControl control = new RunControl(stopping);
    controls.put(runId, control);
    try {
      return engine.work(runId, control);
    } finally {
      controls.remove(runId, control);
    }
  }

  private CompletionHandler<Void> handled(String runId, Outcome outcome) {
    return switch (outcome.kind()) {
      case ENDED, LOST -> Dispatcher::over;
      case STOPPED -> Dispatcher::later;
      case RESTS -> (complete, operations) -> rest(runId, outcome, complete, operations);
    };
  }

  private static void over(ExecutionComplete complete, ExecutionOperations<Void> operations) {
    operations.remove();
  }

  private static void later(ExecutionComplete complete, ExecutionOperations<Void> operations) {
    operations.reschedule(complete, Instant.now().plus(AFTER_FAULT));
  }

  private void park(
      String runId,
      Engine.Place place,
      ExecutionComplete complete,
      ExecutionOperations<Void> operations) {
    operations.reschedule(complete, Instant.now().plus(PARKED));
    // Whoever gave a slot back before this moment could not wake it.
    if (slots.hasRoom(place.pipelineId(), place.concurrency())) {
      wake(runId);
    }
  }

  private void rest(
      String runId,
      Outcome outcome,
      ExecutionComplete complete,
      ExecutionOperations<Void> operations) {
    if (outcome.until() == Long.MAX_VALUE) {
      operations.remove();
    } else {
      operations.reschedule(complete, Instant.ofEpochMilli(outcome.until()));
    }
    // Whoever came between the last look and this moment could not wake it.
    boolean news =
        runs.find(runId)
            .map(row -> row.restedSeq() != null && row.seq() > row.restedSeq())
            .orElse(false);
    if (news) {
      wake(runId);
    }
  }

  /** Ends all work; what is unfinished goes on at the next start. */
  public void end() {
    controls.values().forEach(control -> control.end(RunControl.End.STOPPED));
  }

  @Override
  public void close() {
    end();
    scheduler.stop();
  }
}

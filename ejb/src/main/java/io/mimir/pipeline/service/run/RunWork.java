package io.mimir.pipeline.service.run;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Faults;
import io.mimir.pipeline.PipelineLimits;
import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.service.language.Definition;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The work of this process on one run, from where its journal is to where it can go.
 *
 * <p>The definition is gone through from its beginning each time; a step whose end is in the
 * journal gives what it gave then. So the same way is taken again, and only what is not yet done is
 * done.
 */
final class RunWork {

  private static final System.Logger LOG = System.getLogger(RunWork.class.getName());

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Engine engine;
  private final RunFacts facts;
  private final long epoch;
  private final Definition definition;
  private final JsonNode input;
  private final RunControl control;
  private final RunState state;
  private final ObjectNode json;
  private final AtomicLong bytes;
  private final long begunNanos = System.nanoTime();

  /** The place in the journal up to which it was read for what others appended. */
  private long read;

  RunWork(
      Engine engine,
      RunReader.Whole run,
      Definition definition,
      JsonNode input,
      RunControl control) {
    this.engine = engine;
    this.facts = run.facts();
    this.epoch = run.epoch();
    this.definition = definition;
    this.input = input;
    this.control = control;
    this.state = RunState.of(run.events());
    this.read = state.seq();
    this.bytes = new AtomicLong(run.bytes());
    this.json =
        RunJson.object()
            .put("id", facts.id())
            .put("pipeline", facts.pipelineName())
            .put("started_at", Instant.ofEpochMilli(facts.queuedAt()).toString());
  }

  RunFacts facts() {
    return facts;
  }

  RunControl control() {
    return control;
  }

  RunState state() {
    return state;
  }

  Engine engine() {
    return engine;
  }

  /** The number of a step's last attempt; 0 before the first. */
  int attemptOf(String path) {
    return state.look(path, step -> step == null ? 0 : step.attempt());
  }

  JsonNode asJson() {
    return json;
  }

  Long tokenBudget() {
    return definition.limits().tokens();
  }

  RunWrite write() {
    return RunWrite.by(epoch, facts.id());
  }

  /** How long the run may still work. */
  Duration left() {
    return definition.limits().timeout().minusMillis(state.workedMillis());
  }

  /** Works until the run has ended, rests, or is not to be worked on any more. */
  Outcome work() {
    try {
      while (true) {
        Lane lane = new Lane(this);
        try {
          return onward(lane);
        } catch (RestException e) {
          lane.flush();
          if (!refresh()) {
            return rest(lane, e);
          }
        } catch (StepFailure e) {
          return end(lane, RunStatus.FAILED, e.code(), e.getMessage());
        } catch (UncheckedIOException e) {
          LOG.log(ERROR, "A value of the run " + facts.id() + " is lost", Faults.nameless(e));
          return end(lane, RunStatus.FAILED, "storage", "A value of this run cannot be read");
        }
      }
    } catch (RunEndedException e) {
      return ended();
    } catch (RunLostException e) {
      return Outcome.LOST;
    }
  }

  private Outcome onward(Lane lane)
      throws StepFailure, RestException, RunEndedException, RunLostException {
    if (state.isCancelling()) {
      control.end(RunControl.End.CANCELLED);
    }
    Frame root = Frame.root(this, input);
    Value result = new StepList(this, lane).run(definition.steps(), root);
    if (definition.output() != null) {
      result = keep(engine.evaluation().value(definition.output(), root), lane);
    }
    lane.append(write().succeeded(result));
    return Outcome.ENDED;
  }

  private Outcome rest(Lane lane, RestException why) throws RunEndedException, RunLostException {
    ObjectNode data = RunJson.object().put("worked_ms", workedMillis());
    if (why.until() != Long.MAX_VALUE) {
      data.put("until", why.until());
    }
    lane.append(
        write()
            .event(RunEvent.Kind.RESTED, null, 0, data)
            .status(why.isInDoubt() ? RunStatus.IN_DOUBT : RunStatus.WAITING)
            .rest());
    return Outcome.rests(why.until());
  }

  private long workedMillis() {
    return (System.nanoTime() - begunNanos) / 1_000_000;
  }

  private Outcome end(Lane lane, RunStatus status, String code, String message)
      throws RunEndedException, RunLostException {
    lane.append(write().ended(status, code, message));
    return Outcome.ENDED;
  }

  private Outcome ended() {
    if (control.ended() == RunControl.End.STOPPED) {
      return Outcome.STOPPED;
    }
    boolean cancelled = control.ended() == RunControl.End.CANCELLED;
    try {
      Lane lane = new Lane(this);
      return cancelled
          ? end(lane, RunStatus.CANCELLED, "cancelled", "The run was cancelled")
          : end(
              lane,
              RunStatus.FAILED,
              "timeout",
              "The run worked longer than its limit of %d s"
                  .formatted(definition.limits().timeout().toSeconds()));
    } catch (RunLostException e) {
      return Outcome.LOST;
    } catch (RunEndedException e) {
      return Outcome.STOPPED;
    }
  }

  /**
   * Looks for what others appended since.
   *
   * @return whether there is something that may change where the run can go
   */
  private boolean refresh() {
    boolean any = false;
    for (RunEvent event : engine.reader().external(facts.id(), read)) {
      read = event.seq();
      state.apply(event);
      any = true;
    }
    return any;
  }

  /**
   * Appends what this process has to say, however long the database takes: what was bought is not
   * thrown away because a disk is full for a while.
   *
   * @throws RunEndedException when the server stops before it could be written
   */
  void append(RunWrite write) throws RunLostException, RunEndedException {
    long end =
        patiently(
            again -> {
              // A commit that nobody confirmed may have been one: it is not written twice.
              Long there = again ? engine.reader().endOf(write) : null;
              return there == null ? engine.journal().appended(write) : there;
            });
    if (end == RunWrite.LOST) {
      throw new RunLostException();
    }
    long seq = end - write.drafts().size();
    for (RunWrite.Draft draft : write.drafts()) {
      seq++;
      state.apply(
          new RunEvent(seq, draft.at(), draft.kind(), draft.path(), draft.attempt(), draft.data()));
    }
  }

  /** What is tried until the database and the disk take it. */
  private interface Deed<T, X extends Exception> {

    /**
     * @param again whether it was tried before
     */
    T attempt(boolean again) throws X;
  }

  private <T, X extends Exception> T patiently(Deed<T, X> deed) throws X, RunEndedException {
    Duration pause = FIRST_PAUSE;
    boolean again = false;
    while (true) {
      try {
        return deed.attempt(again);
      } catch (JournalException | UncheckedIOException e) {
        LOG.log(
            WARNING,
            "The run {0} waits for the database or the disk: {1}",
            facts.id(),
            e.getMessage());
        if (Thread.currentThread().isInterrupted()) {
          control.end(RunControl.End.STOPPED);
        }
        if (control.ended() == RunControl.End.STOPPED) {
          throw new RunEndedException();
        }
        Pauses.sleep(pause);
        again = true;
        Duration longer = pause.multipliedBy(2);
        pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
      }
    }
  }

  /**
   * Keeps a value of this run; its size is written with what the lane writes next.
   *
   * @throws StepFailure too_large
   */
  Value keep(JsonNode value, Lane lane) throws StepFailure, RunEndedException {
    Value kept = patiently(again -> engine.values().keep(facts.id(), value));
    if (bytes.addAndGet(kept.bytes()) > PipelineLimits.RUN_BYTES) {
      throw StepFailure.lasting("too_large", "All values of one run together may have 1 GiB");
    }
    lane.later(write().bytes(kept.bytes()));
    return kept;
  }

  JsonNode load(Value value) {
    return engine.values().load(facts.id(), value);
  }
}

package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.StepStatus;
import io.mimir.pipeline.service.language.Step;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;

/** Does a step that has no steps in it: its attempts, its waits, and what a crash left of it. */
final class SingleStep {

  /** What is shorter is slept through; for what is longer the run rests and takes no thread. */
  private static final long SHORT_MILLIS = 2_000;

  private final RunWork run;
  private final Lane lane;
  private final Step step;
  private final String path;
  private final Frame frame;

  SingleStep(RunWork run, Lane lane, Step step, String path, Frame frame) {
    this.run = run;
    this.lane = lane;
    this.step = step;
    this.path = path;
    this.frame = frame;
  }

  /** What the journal says of the step, taken at one moment. */
  private record Now(
      StepStatus status, int attempt, int failures, long wakeAt, ObjectNode resolved) {

    static final Now FRESH = new Now(null, 0, 0, 0, null);

    static Now of(StepState state) {
      return state == null
          ? FRESH
          : new Now(
              state.status(), state.attempt(), state.failures(), state.wakeAt(), state.resolved());
    }
  }

  Value perform() throws StepFailure, RestException, RunEndedException, RunLostException {
    if (step.work() instanceof Step.Wait wait) {
      return new Waits(run, lane, step, path, frame).waitFor(wait);
    }
    if (step.work() instanceof Step.Approve approve) {
      return new Waits(run, lane, step, path, frame).ask(approve);
    }
    while (true) {
      run.control().check();
      frame.checkTime();
      Now now = run.state().look(path, Now::of);
      if (now.resolved() != null && now.status() == StepStatus.IN_DOUBT) {
        Value settled = settled(now.resolved());
        if (settled != null) {
          return settled;
        }
      } else if (now.status() == StepStatus.RETRYING) {
        awaitRetry(now.wakeAt());
      } else if (now.status() != null) {
        requireRepeatable(now);
      }
      Value result = attempt(now);
      if (result != null) {
        return result;
      }
    }
  }

  /**
   * Does what a person said about a step that may have happened.
   *
   * @return null when it is to be repeated
   */
  private Value settled(ObjectNode resolved) {
    return switch (resolved.path("how").asText()) {
      case "result" -> {
        Value value = Value.of(resolved.get("result"));
        lane.later(finish(value));
        yield value;
      }
      case "skip" -> {
        lane.later(run.write().event(RunEvent.Kind.SKIPPED, path, 0, RunJson.object()));
        yield Frame.NOTHING;
      }
      default -> null;
    };
  }

  private void awaitRetry(long at) throws RestException, RunEndedException, RunLostException {
    if (at - System.currentTimeMillis() > SHORT_MILLIS) {
      throw new RestException(at, false);
    }
    lane.flush();
    Pauses.until(at, run.control());
  }

  /** An attempt was begun by a process that is no more: nobody knows how far it went. */
  private void requireRepeatable(Now now)
      throws RestException, RunEndedException, RunLostException {
    if (now.status() == StepStatus.IN_DOUBT) {
      throw new RestException(Long.MAX_VALUE, true);
    }
    if (step.work() instanceof Step.Action action
        && !run.engine().actions().isIdempotent(action.plugin(), action.action())) {
      doubt();
    }
  }

  /** Leaves it to a person. */
  private void doubt() throws RestException, RunEndedException, RunLostException {
    lane.append(
        run.write().event(RunEvent.Kind.IN_DOUBT, path, run.attemptOf(path), RunJson.object()));
    throw new RestException(Long.MAX_VALUE, true);
  }

  /**
   * Makes one attempt.
   *
   * @return null when it failed and another one is to be made
   */
  private Value attempt(Now now)
      throws StepFailure, RestException, RunEndedException, RunLostException {
    try {
      return step.work() instanceof Step.Model model
          ? ask(model, now)
          : call((Step.Action) step.work(), now);
    } catch (StepFailure e) {
      run.control().check();
      retryOrFail(e, now.failures());
      return null;
    }
  }

  private Value call(Step.Action action, Now now)
      throws StepFailure, RunEndedException, RunLostException {
    JsonNode input = run.engine().evaluation().value(action.with(), frame);
    begin(input, now);
    boolean repeatable = run.engine().actions().isIdempotent(action.plugin(), action.action());
    byte[] json =
        run.engine()
            .actions()
            .call(
                new ActionCalls.Call(
                    run.facts(),
                    action.plugin(),
                    action.action(),
                    RunJson.bytes(input),
                    frame.patience(step.timeout()),
                    Repetitions.key(run.facts().id(), path, now.failures())),
                run.control());
    Value result = run.keep(parsed(json), lane);
    lane.later(finish(result));
    if (!repeatable) {
      // Whether it happened must not be in doubt for longer than it has to be.
      lane.flush();
    }
    return result;
  }

  private static JsonNode parsed(byte[] json) throws StepFailure {
    try {
      return RunJson.read(json);
    } catch (IOException e) {
      throw StepFailure.lasting("bad_answer", "The plugin gave something that is no JSON");
    }
  }

  private Value ask(Step.Model model, Now now)
      throws StepFailure, RestException, RunEndedException, RunLostException {
    boolean goesOn = now.status() == StepStatus.RUNNING || now.status() == StepStatus.IN_DOUBT;
    if (!goesOn) {
      begin(RunJson.object().put("model", model.model()), now);
    }
    boolean repeatsTools = now.resolved() != null;
    ModelStep asking = new ModelStep(run, lane, model, path, frame, now.failures(), repeatsTools);
    try {
      Value result = run.keep(asking.answer(frame.patience(step.timeout())), lane);
      lane.later(finish(result));
      return result;
    } catch (ModelStep.ToolInDoubt e) {
      doubt();
      throw new IllegalStateException("A doubt rests");
    }
  }

  private void begin(JsonNode input, Now now)
      throws StepFailure, RunEndedException, RunLostException {
    Value kept = run.keep(input, lane);
    lane.append(
        run.write()
            .event(
                RunEvent.Kind.BEGUN,
                path,
                now.attempt() + 1,
                RunJson.object().set("input", kept.toJson())));
  }

  private RunWrite finish(Value result) {
    return run.write().finished(path, run.attemptOf(path), result);
  }

  private void retryOrFail(StepFailure why, int failures)
      throws StepFailure, RunEndedException, RunLostException {
    Step.Retry retry = step.retry();
    boolean worth =
        retry.reasons().isEmpty() ? why.mayPass() : retry.reasons().contains(why.code());
    if (!worth || failures >= retry.times()) {
      throw why;
    }
    double factor = Math.pow(retry.factor(), failures);
    double millis = Math.min(retry.delay().toMillis() * factor, retry.most().toMillis());
    ObjectNode data = why.toJson().put("retry_at", System.currentTimeMillis() + (long) millis);
    lane.append(run.write().event(RunEvent.Kind.FAILED, path, run.attemptOf(path), data));
  }

  /** The steps that wait for a time or a person. */
  private record Waits(RunWork run, Lane lane, Step step, String path, Frame frame) {

    Value waitFor(Step.Wait wait)
        throws StepFailure, RestException, RunEndedException, RunLostException {
      long until =
          run.state().look(path, state -> state == null ? 0L : Long.valueOf(state.wakeAt()));
      if (until == 0) {
        until = wait.pause() == null ? time(wait.until()) : inFuture(wait.pause());
        lane.append(
            run.write()
                .event(RunEvent.Kind.WAITING, path, 1, RunJson.object().put("until", until)));
      }
      if (until - System.currentTimeMillis() > SHORT_MILLIS) {
        throw new RestException(until, false);
      }
      Pauses.until(until, run.control());
      return done(RunJson.object().put("until", Instant.ofEpochMilli(until).toString()));
    }

    private static long inFuture(Duration pause) {
      return System.currentTimeMillis() + pause.toMillis();
    }

    private long time(JsonNode template) throws StepFailure {
      JsonNode value = run.engine().evaluation().value(template, frame);
      try {
        return OffsetDateTime.parse(value.asText()).toInstant().toEpochMilli();
      } catch (DateTimeException | ArithmeticException e) {
        throw StepFailure.lasting(
            "bad_time", "until has to be a time such as 2026-12-24T18:00:00Z, and this is none");
      }
    }

    Value ask(Step.Approve approve)
        throws StepFailure, RestException, RunEndedException, RunLostException {
      ObjectNode approved =
          run.state().look(path, state -> state == null ? null : state.approved());
      if (approved == null) {
        boolean asked = run.state().look(path, state -> state != null && state.asked() != null);
        if (!asked) {
          ObjectNode data =
              RunJson.object()
                  .put("role", approve.role())
                  .put("message", run.engine().evaluation().text(approve.message(), frame));
          lane.append(run.write().event(RunEvent.Kind.ASKED, path, 1, data));
        }
        throw new RestException(Long.MAX_VALUE, false);
      }
      if (!approved.path("approved").asBoolean()) {
        String note = approved.path("note").asText();
        throw StepFailure.lasting(
            "rejected",
            approved.path("by").asText() + " said no" + (note.isEmpty() ? "" : ": " + note));
      }
      return done(approved.deepCopy());
    }

    private Value done(ObjectNode result) throws StepFailure, RunEndedException {
      Value value = run.keep(result, lane);
      lane.later(run.write().finished(path, 1, value));
      return value;
    }
  }
}

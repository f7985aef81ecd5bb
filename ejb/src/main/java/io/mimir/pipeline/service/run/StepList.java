package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.PipelineLimits;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Step;
import io.mimir.pipeline.service.language.Step.OnError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Does steps one after the other, and the steps within them. */
final class StepList {

  private final RunWork run;
  private final Lane lane;

  StepList(RunWork run, Lane lane) {
    this.run = run;
    this.lane = lane;
  }

  /**
   * How a step ended.
   *
   * @param next the step that follows; null for the one after it
   */
  private record Done(Value result, String next) {}

  /**
   * Does all steps of a list.
   *
   * @return the result of the last one
   */
  Value run(List<Step> steps, Frame frame)
      throws StepFailure, RestException, RunEndedException, RunLostException {
    Value last = Frame.NOTHING;
    int at = 0;
    while (at < steps.size()) {
      Step step = steps.get(at);
      Done done = one(step, frame);
      frame.put(step.name(), done.result());
      last = done.result();
      at = done.next() == null ? at + 1 : placeOf(steps, done.next());
    }
    return last;
  }

  private static int placeOf(List<Step> steps, String name) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalStateException("A definition was kept that goes to a step that is not there");
  }

  private Done one(Step step, Frame frame)
      throws StepFailure, RestException, RunEndedException, RunLostException {
    String path = frame.path(step.name());
    Done before = run.state().look(path, StepList::known);
    if (before != null) {
      return before;
    }
    run.control().check();
    frame.checkTime();
    try {
      boolean fresh = run.state().look(path, state -> state == null);
      if (fresh && step.when() != null && !run.engine().evaluation().test(step.when(), frame)) {
        lane.later(run.write().event(RunEvent.Kind.SKIPPED, path, 0, RunJson.object()));
        return new Done(Frame.NOTHING, null);
      }
      return new Done(perform(step, path, frame), null);
    } catch (StepFailure e) {
      run.control().check();
      return failed(step, path, e);
    }
  }

  /**
   * What the journal says of a step that has ended; null when it has not.
   *
   * @throws StepFailure as it did then, when its failure is the end of its list
   */
  private static Done known(StepState state) throws StepFailure {
    if (state == null) {
      return null;
    }
    return switch (state.status()) {
      case SUCCEEDED, SKIPPED ->
          new Done(state.result() == null ? Frame.NOTHING : state.result(), null);
      case FAILED -> {
        ObjectNode why = state.failure();
        String next = why.path("next").asText("stop");
        if (next.equals("stop")) {
          throw StepFailure.lasting(why.path("code").asText(), why.path("message").asText());
        }
        yield new Done(Frame.NOTHING, next.equals("go_to") ? why.path("to").asText() : null);
      }
      default -> null;
    };
  }

  private Done failed(Step step, String path, StepFailure why)
      throws StepFailure, RunEndedException, RunLostException {
    OnError onError = step.onError();
    ObjectNode data = why.toJson().put("next", onError.kind().name().toLowerCase(Locale.ROOT));
    if (onError.to() != null) {
      data.put("to", onError.to());
    }
    lane.append(run.write().event(RunEvent.Kind.FAILED, path, run.attemptOf(path), data));
    if (onError.kind() == OnError.Kind.STOP) {
      throw why;
    }
    return new Done(Frame.NOTHING, onError.to());
  }

  private Value perform(Step step, String path, Frame frame)
      throws StepFailure, RestException, RunEndedException, RunLostException {
    Step.Work work = step.work();
    if (work instanceof Step.Branch branch) {
      return branch(step, branch, path, frame);
    }
    if (work instanceof Step.Each each) {
      return each(step, each, path, frame);
    }
    if (work instanceof Step.Parallel parallel) {
      return parallel(step, parallel, path, frame);
    }
    if (work instanceof Step.Nested nested) {
      return nested(step, nested, path, frame);
    }
    return new SingleStep(run, lane, step, path, frame).perform();
  }

  /** Notes that a step with steps in it begins, and what with; once. */
  private Value begun(String path, Computed input)
      throws StepFailure, RunEndedException, RunLostException {
    Value before = run.state().look(path, state -> state == null ? null : state.input());
    if (before != null) {
      return before;
    }
    Value value = run.keep(input.compute(), lane);
    lane.append(
        run.write()
            .event(RunEvent.Kind.BEGUN, path, 1, RunJson.object().set("input", value.toJson())));
    return value;
  }

  /** A value that is computed once. */
  private interface Computed {
    JsonNode compute() throws StepFailure;
  }

  private Value finished(String path, Value result) {
    lane.later(run.write().finished(path, 1, result));
    return result;
  }

  private Value branch(Step step, Step.Branch branch, String path, Frame frame)
      throws StepFailure, RestException, RunEndedException, RunLostException {
    Value way =
        begun(
            path,
            () -> {
              boolean holds = run.engine().evaluation().test(branch.when(), frame);
              return RunJson.object().put("way", holds ? "then" : "else");
            });
    String taken = way.inline().path("way").asText();
    List<Step> steps = taken.equals("then") ? branch.then() : branch.otherwise();
    return finished(path, run(steps, frame.within(path + "." + taken, step.timeout())));
  }

  private Value each(Step step, Step.Each each, String path, Frame frame)
      throws StepFailure, RestException, RunEndedException, RunLostException {
    Value over = begun(path, () -> run.engine().evaluation().items(each.over(), frame));
    JsonNode items = run.load(over);
    Value[] results = new Value[items.size()];
    lane.flush();
    run.engine()
        .fork()
        .run(
            results.length,
            each.parallel(),
            place -> {
              Lane own = new Lane(run);
              Frame inner = frame.forItem(path, items.get(place), place, step.timeout());
              results[place] = alone(own, each.steps(), inner);
            });
    ArrayNode all = RunJson.object().arrayNode(results.length);
    long bytes = 0;
    for (Value result : results) {
      bytes += Math.max(1, result.bytes());
      requireRoom(bytes);
      all.add(run.load(result));
    }
    return finished(path, run.keep(all, lane));
  }

  private static void requireRoom(long bytes) throws StepFailure {
    if (bytes > PipelineLimits.VALUE_BYTES) {
      throw StepFailure.lasting(
          "too_large",
          "The results of all items together are more than 32 MiB: let the steps give less");
    }
  }

  /** Does a list in a lane of its own, whose last words are written whatever happens. */
  private Value alone(Lane own, List<Step> steps, Frame inner)
      throws StepFailure, RestException, RunEndedException, RunLostException {
    try {
      return new StepList(run, own).run(steps, inner);
    } finally {
      own.flush();
    }
  }

  private Value parallel(Step step, Step.Parallel parallel, String path, Frame frame)
      throws StepFailure, RestException, RunEndedException, RunLostException {
    begun(path, NullNode::getInstance);
    List<Map.Entry<String, List<Step>>> ways = new ArrayList<>(parallel.ways().entrySet());
    Value[] results = new Value[ways.size()];
    lane.flush();
    run.engine()
        .fork()
        .run(
            results.length,
            results.length,
            place -> {
              String inner = path + "." + ways.get(place).getKey();
              results[place] =
                  alone(
                      new Lane(run),
                      ways.get(place).getValue(),
                      frame.within(inner, step.timeout()));
            });
    ObjectNode all = RunJson.object();
    long bytes = 0;
    for (int i = 0; i < results.length; i++) {
      bytes += results[i].bytes();
      requireRoom(bytes);
      all.set(ways.get(i).getKey(), run.load(results[i]));
    }
    return finished(path, run.keep(all, lane));
  }

  private Value nested(Step step, Step.Nested nested, String path, Frame frame)
      throws StepFailure, RestException, RunEndedException, RunLostException {
    if (frame.depth() >= PipelineLimits.DEPTH) {
      throw StepFailure.lasting(
          "too_deep", "Pipelines may run one another at most 8 deep; this would be one more");
    }
    Value begun =
        begun(
            path,
            () -> {
              Definitions.Known known = run.engine().definitions().newest(run.facts(), nested);
              JsonNode input = run.engine().evaluation().value(nested.with(), frame);
              ObjectNode which =
                  RunJson.object()
                      .put("pipeline_id", known.pipelineId())
                      .put("revision", known.revision());
              return which.set("input", input);
            });
    JsonNode which = run.load(begun);
    Definition definition =
        run.engine()
            .definitions()
            .revision(which.path("pipeline_id").asText(), which.path("revision").asInt());
    Frame inner = frame.nested(path, which.get("input"), definition.limits().timeout());
    Value result = run(definition.steps(), inner);
    return finished(
        path,
        definition.output() == null
            ? result
            : run.keep(run.engine().evaluation().value(definition.output(), inner), lane));
  }
}

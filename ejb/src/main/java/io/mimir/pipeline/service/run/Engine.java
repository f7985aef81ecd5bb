package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.llm.Prompt;
import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Expressions;
import io.mimir.pipeline.service.language.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Works on runs. It knows no container and no clock of its own: whoever schedules runs calls {@link
 * #work} when one is due.
 */
public final class Engine {

  /** How many threads help runs that do several things at once, over all runs. */
  private static final int HELPERS = 128;

  private final Parts parts;
  private final Evaluation evaluation;
  private final Answers answers = new Answers();
  private final Fork fork;

  /**
   * What an engine is made of.
   *
   * @param helpers the threads for what runs do side by side
   * @param timers for the time limits of runs
   * @param tools what a model is told of a tool; null when there is no such action
   * @param listeners gives who listens to what a model says in a step of a run, piece by piece;
   *     null for nobody
   */
  public record Parts(
      Journal journal,
      RunReader reader,
      ValueStore values,
      Definitions definitions,
      ActionCalls actions,
      ModelAsks models,
      BiFunction<String, String, Prompt.Tool> tools,
      BiFunction<String, String, Consumer<String>> listeners,
      ExecutorService helpers,
      ScheduledExecutorService timers) {}

  /** Makes an engine that evaluates with this. */
  public Engine(Parts parts, Expressions expressions) {
    this.parts = parts;
    this.evaluation = new Evaluation(expressions);
    this.fork = new Fork(parts.helpers(), HELPERS);
  }

  /**
   * Works on a run until it has ended, rests, or is not to be worked on any more. Blocks.
   *
   * @param control ends the work early
   */
  public Outcome work(String runId, RunControl control) {
    try {
      parts.journal().append(RunWrite.start(runId));
    } catch (RunLostException e) {
      return Outcome.LOST;
    }
    Optional<RunReader.Whole> found = parts.reader().whole(runId);
    if (found.isEmpty()) {
      return Outcome.LOST;
    }
    RunReader.Whole run = found.get();
    RunFacts facts = run.facts();
    Definition definition;
    try {
      definition = parts.definitions().revision(facts.pipelineId(), facts.revision());
    } catch (StepFailure e) {
      return fail(run, e);
    }
    JsonNode input = parts.values().load(runId, run.input());
    RunWork work = new RunWork(this, run, definition, input, control);
    ScheduledFuture<?> limit = limit(work.left(), control);
    try {
      return work.work();
    } finally {
      limit.cancel(false);
    }
  }

  /** The pipeline of a run, and how many of its runs may be worked on at once. */
  record Place(String pipelineId, int concurrency) {}

  /** Returns null when there is nothing to work on. */
  Place place(String runId) {
    RunFacts run = parts.reader().facts(runId).orElse(null);
    if (run == null || run.status().isFinal()) {
      return null;
    }
    try {
      Definition definition = parts.definitions().revision(run.pipelineId(), run.revision());
      return new Place(run.pipelineId(), definition.limits().concurrency());
    } catch (StepFailure e) {
      // The run will be told when it is worked on.
      return new Place(run.pipelineId(), 1);
    }
  }

  private ScheduledFuture<?> limit(Duration left, RunControl control) {
    return parts
        .timers()
        .schedule(
            () -> control.end(RunControl.End.TIMEOUT),
            Math.max(1, left.toMillis()),
            TimeUnit.MILLISECONDS);
  }

  private Outcome fail(RunReader.Whole run, StepFailure why) {
    try {
      parts
          .journal()
          .append(
              RunWrite.by(run.epoch(), run.facts().id())
                  .ended(RunStatus.FAILED, why.code(), why.getMessage()));
      return Outcome.ENDED;
    } catch (RunLostException e) {
      return Outcome.LOST;
    }
  }

  Journal journal() {
    return parts.journal();
  }

  RunReader reader() {
    return parts.reader();
  }

  ValueStore values() {
    return parts.values();
  }

  Definitions definitions() {
    return parts.definitions();
  }

  ActionCalls actions() {
    return parts.actions();
  }

  ModelAsks models() {
    return parts.models();
  }

  Evaluation evaluation() {
    return evaluation;
  }

  Answers answers() {
    return answers;
  }

  Fork fork() {
    return fork;
  }

  /** Who listens to what a model says; null for nobody. */
  Consumer<String> listener(String runId, String path) {
    return parts.listeners().apply(runId, path);
  }

  /** The tools of a model, as it is told of them. */
  List<Prompt.Tool> tools(Step.Model model) throws StepFailure {
    List<Prompt.Tool> tools = new ArrayList<>();
    for (Step.Model.Tool tool : model.tools()) {
      Prompt.Tool told = parts.tools().apply(tool.plugin(), tool.action());
      if (told == null) {
        throw StepFailure.lasting(
            "unknown_action",
            "There is no action %s.%s any more".formatted(tool.plugin(), tool.action()));
      }
      tools.add(told);
    }
    return tools;
  }

  /** Which of a model's tools has a name, as the model knows it; null for none. */
  Step.Model.Tool toolNamed(Step.Model model, String name) {
    return model.tools().stream()
        .filter(tool -> toolName(tool.plugin(), tool.action()).equals(name))
        .findFirst()
        .orElse(null);
  }

  /** What a model calls an action: names of tools have no dots. */
  public static String toolName(String plugin, String action) {
    return (plugin + "__" + action).replace('.', '_');
  }
}

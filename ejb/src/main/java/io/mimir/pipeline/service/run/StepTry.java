package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.Prompt;
import io.mimir.pipeline.service.language.Expressions;
import io.mimir.pipeline.service.language.Scope;
import io.mimir.pipeline.service.language.Step;
import io.mimir.pipeline.service.language.Step.Model.Tool;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.BiFunction;

/**
 * Does one step on values that a person gives, outside of any run: nothing is written into a
 * journal, and nothing is repeated. What the step does outside, it does.
 */
public final class StepTry {

  private static final Duration USUAL_PATIENCE = Duration.ofMinutes(2);

  private final Evaluation evaluation;
  private final ActionCalls actions;
  private final ModelAsks models;
  private final BiFunction<String, String, Prompt.Tool> tools;
  private final Answers answers = new Answers();

  /**
   * @param tools what a model is told of a tool; null when there is no such action
   */
  public StepTry(
      Expressions expressions,
      ActionCalls actions,
      ModelAsks models,
      BiFunction<String, String, Prompt.Tool> tools) {
    this.evaluation = new Evaluation(expressions);
    this.actions = actions;
    this.models = models;
    this.tools = tools;
  }

  /**
   * What came of it.
   *
   * @param isSkipped whether its condition did not hold
   * @param input what it was given; null where it takes nothing
   * @param output what it gave; of a step that has steps in it, waits or asks a person, what it
   *     would do; null for nothing
   */
  public record Result(
      boolean isSkipped, JsonNode input, JsonNode output, long inputTokens, long outputTokens) {

    static Result of(JsonNode input, JsonNode output) {
      return new Result(false, input, output, 0, 0);
    }
  }

  /**
   * Does a step once. Blocks, by default for at most two minutes.
   *
   * @param run whose rights it has, and which pipeline it belongs to
   */
  public Result attempt(Step step, Scope scope, RunFacts run, RunControl control)
      throws StepFailure {
    if (step.when() != null && !evaluation.test(step.when(), scope)) {
      return new Result(true, null, null, 0, 0);
    }
    if (step.work() instanceof Step.Action action) {
      return call(step, action, scope, run, control);
    }
    if (step.work() instanceof Step.Model model) {
      return ask(step, model, scope, run, control);
    }
    return plan(step.work(), scope);
  }

  private Result call(Step step, Step.Action action, Scope scope, RunFacts run, RunControl control)
      throws StepFailure {
    JsonNode input = evaluation.value(action.with(), scope);
    byte[] json =
        actions.call(
            new ActionCalls.Call(
                run,
                action.plugin(),
                action.action(),
                RunJson.bytes(input),
                patience(step),
                UUID.randomUUID().toString()),
            control);
    try {
      return Result.of(input, RunJson.read(json));
    } catch (IOException e) {
      throw StepFailure.lasting("bad_answer", "The plugin gave something that is no JSON");
    }
  }

  private static Duration patience(Step step) {
    return step.timeout() == null ? USUAL_PATIENCE : step.timeout();
  }

  /** Asks once: which tools the model would call is shown, and they are not called. */
  private Result ask(Step step, Step.Model model, Scope scope, RunFacts run, RunControl control)
      throws StepFailure {
    List<Prompt.Turn> turns = new ArrayList<>();
    ObjectNode input = RunJson.object();
    input.put("model", evaluation.text(model.model(), scope));
    if (model.system() != null) {
      input.put("system", evaluation.text(model.system(), scope));
    }
    var messages = input.putArray("messages");
    for (Step.Model.Message message : model.messages()) {
      String text = evaluation.text(message.content(), scope);
      turns.add(
          new Prompt.Turn(
              Prompt.Speaker.valueOf(message.role().toUpperCase(Locale.ROOT)),
              text,
              List.of(),
              null));
      messages.addObject().put("role", message.role()).put("content", text);
    }
    ModelAsks.Answer said =
        models.ask(
            new ModelAsks.Question(
                run,
                input.path("model").asText(),
                evaluation.text(model.system(), scope),
                turns,
                tools(model),
                model.answer(),
                model.maxTokens(),
                patience(step),
                null),
            control);
    return new Result(false, input, output(model, said), said.inputTokens(), said.outputTokens());
  }

  private List<Prompt.Tool> tools(Step.Model model) throws StepFailure {
    List<Prompt.Tool> told = new ArrayList<>();
    for (Tool tool : model.tools()) {
      Prompt.Tool known = tools.apply(tool.plugin(), tool.action());
      if (known == null) {
        throw StepFailure.lasting(
            "unknown_action", "There is no action %s.%s".formatted(tool.plugin(), tool.action()));
      }
      told.add(known);
    }
    return told;
  }

  private ObjectNode output(Step.Model model, ModelAsks.Answer said) throws StepFailure {
    ObjectNode output =
        RunJson.object()
            .put("text", said.text())
            .put("model", said.model())
            .put("provider", said.provider());
    if (!said.calls().isEmpty()) {
      var calls = output.putArray("calls");
      said.calls()
          .forEach(
              one -> calls.addObject().put("name", one.name()).put("arguments", one.arguments()));
    } else if (model.answer() != null) {
      output.set("json", answers.fitting(model.answer(), said.text()));
    }
    return output;
  }

  private Result plan(Step.Work work, Scope scope) throws StepFailure {
    ObjectNode output = RunJson.object();
    if (work instanceof Step.Branch branch) {
      output.put("way", evaluation.test(branch.when(), scope) ? "then" : "else");
    } else if (work instanceof Step.Each each) {
      JsonNode over = evaluation.value(each.over(), scope);
      if (!over.isArray()) {
        throw StepFailure.lasting("wrong_type", "over has to be a list, and this gives none");
      }
      return Result.of(over, output.put("items", over.size()));
    } else if (work instanceof Step.Parallel parallel) {
      var ways = output.putArray("ways");
      parallel.ways().keySet().forEach(ways::add);
    } else if (work instanceof Step.Wait wait) {
      output.put(
          "until",
          wait.pause() == null
              ? evaluation.value(wait.until(), scope).asText()
              : Instant.now().plus(wait.pause()).toString());
    } else if (work instanceof Step.Approve approve) {
      output.put("role", approve.role()).put("message", evaluation.text(approve.message(), scope));
    } else if (work instanceof Step.Nested nested) {
      return Result.of(
          evaluation.value(nested.with(), scope), output.put("pipeline", nested.pipeline()));
    }
    return Result.of(null, output);
  }
}

package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.Prompt;
import io.mimir.llm.ToolCall;
import io.mimir.pipeline.service.language.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Asks a model, and lets it call tools. Each answer is in the journal before anything follows from
 * it: an answer that has arrived is paid for, and is never asked for again.
 */
final class ModelStep {

  /** An answer takes no longer, unless the step says so. */
  private static final Duration USUAL_PATIENCE = Duration.ofMinutes(10);

  private final RunWork run;
  private final Lane lane;
  private final Step.Model model;
  private final String path;
  private final Frame frame;
  private final int failures;
  private final boolean repeatsTools;
  private final Map<String, JsonNode> toolResults = new HashMap<>();
  private final Set<String> toolsBegun = new HashSet<>();

  /** A tool that may or may not have been called when the server ended. */
  static final class ToolInDoubt extends Exception {
    private static final long serialVersionUID = 1L;

    ToolInDoubt() {
      super("A tool may have been called", null, false, false);
    }
  }

  /**
   * @param repeatsTools whether a tool that may have been called is to be called again
   */
  ModelStep(
      RunWork run,
      Lane lane,
      Step.Model model,
      String path,
      Frame frame,
      int failures,
      boolean repeatsTools) {
    this.run = run;
    this.lane = lane;
    this.model = model;
    this.path = path;
    this.frame = frame;
    this.failures = failures;
    this.repeatsTools = repeatsTools;
  }

  /**
   * @param own how long an answer may take; null for the usual
   * @return {@code text}, {@code json} where a schema was given, {@code model}, {@code provider}
   */
  ObjectNode answer(Duration own)
      throws StepFailure, RunEndedException, RunLostException, ToolInDoubt {
    Duration patience = own == null ? USUAL_PATIENCE : own;
    List<Prompt.Turn> turns = opening();
    List<RunEvent> before = run.state().look(path, StepState::rounds);
    List<ObjectNode> answers = new ArrayList<>();
    for (RunEvent event : before) {
      remember(event, answers);
    }
    for (int round = 0; ; round++) {
      ObjectNode answer = round < answers.size() ? answers.get(round) : ask(turns, round, patience);
      List<ToolCall> calls = callsOf(answer);
      if (calls.isEmpty()) {
        return result(answer);
      }
      turns.add(
          new Prompt.Turn(Prompt.Speaker.ASSISTANT, answer.path("text").asText(), calls, null));
      for (ToolCall call : calls) {
        turns.add(
            new Prompt.Turn(Prompt.Speaker.TOOL, toolText(call, round), List.of(), call.id()));
      }
    }
  }

  private List<Prompt.Turn> opening() throws StepFailure {
    List<Prompt.Turn> turns = new ArrayList<>();
    for (Step.Model.Message message : model.messages()) {
      String text = run.engine().evaluation().text(message.content(), frame);
      turns.add(
          new Prompt.Turn(Prompt.Speaker.valueOf(message.role().toUpperCase(Locale.ROOT)), text));
    }
    return turns;
  }

  private void remember(RunEvent event, List<ObjectNode> answers) {
    JsonNode data = event.data();
    if (event.kind() == RunEvent.Kind.ANSWERED) {
      answers.add((ObjectNode) run.load(Value.of(data.get("result"))));
    } else if (data.has("result")) {
      toolResults.put(toolKey(data), run.load(Value.of(data.get("result"))));
    } else {
      toolsBegun.add(toolKey(data));
    }
  }

  /** Ids of calls are the model's own, and may come again in another round. */
  private static String toolKey(JsonNode data) {
    return data.path("round").asInt() + "/" + data.path("call").asText();
  }

  private ObjectNode ask(List<Prompt.Turn> turns, int round, Duration patience)
      throws StepFailure, RunEndedException, RunLostException {
    if (round > model.rounds()) {
      throw StepFailure.lasting(
          "too_many_rounds",
          "The model wanted to call tools more than %d times in a row".formatted(model.rounds()));
    }
    Long budget = run.tokenBudget();
    if (budget != null && run.state().tokens() >= budget) {
      throw StepFailure.lasting(
          "budget_exceeded",
          "The run has used the %,d tokens that the pipeline allows".formatted(budget));
    }
    run.control().check();
    ModelAsks.Answer said =
        run.engine()
            .models()
            .ask(
                new ModelAsks.Question(
                    run.facts(),
                    run.engine().evaluation().text(model.model(), frame),
                    run.engine().evaluation().text(model.system(), frame),
                    List.copyOf(turns),
                    run.engine().tools(model),
                    model.answer(),
                    model.maxTokens(),
                    patience,
                    run.engine().listener(run.facts().id(), path)),
                run.control());
    return bought(said);
  }

  /** Writes an answer down. From here on it is never asked for again. */
  private ObjectNode bought(ModelAsks.Answer said)
      throws StepFailure, RunEndedException, RunLostException {
    ObjectNode answer =
        RunJson.object()
            .put("text", said.text())
            .put("model", said.model())
            .put("provider", said.provider());
    if (!said.calls().isEmpty()) {
      var calls = answer.putArray("calls");
      for (ToolCall call : said.calls()) {
        calls
            .addObject()
            .put("id", call.id())
            .put("name", call.name())
            .put("arguments", call.arguments());
      }
    }
    ObjectNode data = RunJson.object();
    data.set("result", run.keep(answer, lane).toJson());
    data.putObject("usage")
        .put("input_tokens", said.inputTokens())
        .put("output_tokens", said.outputTokens());
    int attempt = run.attemptOf(path);
    lane.append(
        run.write()
            .event(RunEvent.Kind.ANSWERED, path, attempt, data)
            .tokens(said.inputTokens(), said.outputTokens()));
    return answer;
  }

  private static List<ToolCall> callsOf(JsonNode answer) {
    List<ToolCall> calls = new ArrayList<>();
    for (JsonNode call : answer.path("calls")) {
      calls.add(
          new ToolCall(
              call.path("id").asText(),
              call.path("name").asText(),
              call.path("arguments").asText()));
    }
    return calls;
  }

  private String toolText(ToolCall call, int round)
      throws StepFailure, RunEndedException, RunLostException, ToolInDoubt {
    ObjectNode data = RunJson.object().put("call", call.id()).put("round", round);
    JsonNode known = toolResults.get(toolKey(data));
    if (known == null) {
      known = callTool(call, data);
    }
    return RunJson.text(known);
  }

  private JsonNode callTool(ToolCall call, ObjectNode data)
      throws StepFailure, RunEndedException, RunLostException, ToolInDoubt {
    Step.Model.Tool tool = run.engine().toolNamed(model, call.name());
    if (tool == null) {
      return error("unknown_tool", "There is no tool of this name");
    }
    ActionCalls actions = run.engine().actions();
    boolean repeatable = actions.isIdempotent(tool.plugin(), tool.action());
    if (!repeatable && !repeatsTools && toolsBegun.contains(toolKey(data))) {
      throw new ToolInDoubt();
    }
    int attempt = run.attemptOf(path);
    if (!repeatable) {
      lane.append(
          run.write()
              .event(
                  RunEvent.Kind.TOOL,
                  path,
                  attempt,
                  data.deepCopy().put("tool", call.name()).put("begun", true)));
    }
    JsonNode result = called(actions, tool, call, toolKey(data));
    data.put("tool", call.name()).set("result", run.keep(result, lane).toJson());
    lane.append(run.write().event(RunEvent.Kind.TOOL, path, attempt, data));
    return result;
  }

  /** What a tool refuses is told to the model, which may know better then. */
  private JsonNode called(ActionCalls actions, Step.Model.Tool tool, ToolCall call, String key)
      throws RunEndedException {
    try {
      byte[] json =
          actions.call(
              new ActionCalls.Call(
                  run.facts(),
                  tool.plugin(),
                  tool.action(),
                  call.arguments().getBytes(StandardCharsets.UTF_8),
                  null,
                  Repetitions.key(run.facts().id(), path + "/" + key, failures)),
              run.control());
      return RunJson.read(json);
    } catch (StepFailure e) {
      run.control().check();
      return error(e.code(), e.getMessage());
    } catch (IOException e) {
      return error("bad_answer", "The plugin gave something that is no JSON");
    }
  }

  private static ObjectNode error(String code, String message) {
    ObjectNode json = RunJson.object();
    json.putObject("error").put("code", code).put("message", message);
    return json;
  }

  private ObjectNode result(ObjectNode answer) throws StepFailure {
    ObjectNode result = answer.deepCopy();
    if (model.answer() != null) {
      result.set(
          "json", run.engine().answers().fitting(model.answer(), answer.path("text").asText()));
    }
    return result;
  }
}

package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Format;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Asks in OpenAI's chat completions. */
final class OpenAiChatRequestWriter implements RequestWriter {

  private static final Map<Param, String> NAMES =
      Map.of(
          Param.TEMPERATURE, "temperature",
          Param.TOP_P, "top_p",
          Param.STOP, "stop",
          Param.SEED, "seed",
          Param.FREQUENCY_PENALTY, "frequency_penalty",
          Param.PRESENCE_PENALTY, "presence_penalty",
          Param.TOP_K, "top_k",
          Param.MIN_P, "min_p",
          Param.REPEAT_PENALTY, "repetition_penalty");

  /** Settings that OpenAI does not have, and some of its imitators do. */
  private static final Set<Param> SAMPLERS =
      EnumSet.of(Param.TOP_K, Param.MIN_P, Param.REPEAT_PENALTY);

  /** What a plain second try leaves out, beside the wish for token counts. */
  private static final Set<String> OPTIONAL =
      Set.of("reasoning_effort", "verbosity", "top_k", "min_p", "repetition_penalty");

  private final ProtocolPair pair;
  private OpenAiModel model;
  private OpenAiSettings settings;
  private ToolNames names;
  private boolean optional;

  OpenAiChatRequestWriter(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public ObjectNode write(ChatRequest request, UpstreamOptions options) {
    model = new OpenAiModel(options);
    names = ToolNames.openAi(model.hasShortIds());
    settings = new OpenAiSettings(pair, model, names);
    ObjectNode body = Json.object().put("model", options.model());
    var writer = new OpenAiChatMessageWriter(pair, options, names, body.putArray("messages"));
    request.turns.forEach(writer::turn);
    if (request.endsWithAssistant() && model.beginsAnew()) {
      writer.goOn(request.turns.get(request.turns.size() - 1).field());
    }
    tools(request, body);
    format(request.format, body, writer);
    request.params.forEach((param, given) -> param(param, given, body));
    if (model.thinksOrCalls() && body.has("tools")) {
      withoutThoughts(request.thinking, body);
    } else {
      say("reasoning_effort", settings.effort(request.thinking), body);
    }
    say("verbosity", settings.verbosity(request.verbosity), body);
    body.put("stream", request.streamed);
    if (request.streamed && options.isCounted()) {
      body.putObject("stream_options").put("include_usage", true);
    }
    optional = OPTIONAL.stream().anyMatch(body::has);
    return body;
  }

  @Override
  public boolean isOptional() {
    return optional;
  }

  @Override
  public ResponseSink restoring(ResponseSink sink) {
    return names.restoring(sink);
  }

  private static void say(String name, String word, ObjectNode body) {
    if (word != null) {
      body.put(name, word);
    }
  }

  private void param(Param param, Param.Given given, ObjectNode body) {
    if (param == Param.MAX_TOKENS) {
      body.set(model.limitField(), settings.limit(given, model.minOutputTokens()));
    } else if (SAMPLERS.contains(param) && !model.takesSamplers() || settings.isFixed(param)) {
      settings.leaveOut(param, given);
    } else {
      body.set(NAMES.get(param), given.value());
    }
  }

  private void withoutThoughts(Thinking thinking, ObjectNode body) {
    if (thinking != null && !thinking.isOff()) {
      pair.replace(thinking.field(), "none", "ask this model without tools, or in responses");
    }
    body.put("reasoning_effort", Thinking.Effort.NONE.word());
  }

  private void tools(ChatRequest request, ObjectNode body) {
    if (!settings.offersTools(request)) {
      return;
    }
    ArrayNode tools = body.putArray("tools");
    for (Tool tool : request.tools) {
      settings.function(tool, tools.addObject().put("type", "function").putObject("function"));
    }
    if (request.toolChoice.alone()) {
      body.put("parallel_tool_calls", false);
    }
    choice(request.toolChoice, body);
  }

  private void choice(ToolChoice choice, ObjectNode body) {
    say("tool_choice", OpenAiSettings.word(choice.mode()), body);
    if (choice.mode() == ToolChoice.Mode.ONE) {
      ObjectNode one = body.putObject("tool_choice").put("type", "function");
      one.putObject("function").put("name", names.name(choice.name()));
    }
  }

  private void format(Format format, ObjectNode body, OpenAiChatMessageWriter writer) {
    if (format == null) {
      return;
    }
    ObjectNode wrapper = body.putObject("response_format");
    if (format.schema() == null) {
      wrapper.put("type", "json_object");
      writer.sayJson(format.field());
    } else {
      settings.schema(format, wrapper.put("type", "json_schema").putObject("json_schema"));
    }
  }
}

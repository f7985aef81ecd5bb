package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
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

  /** Settings that models which reason refuse to have changed. */
  private static final Set<Param> SAMPLING = EnumSet.of(Param.TEMPERATURE, Param.TOP_P);

  /** What a plain second try leaves out, beside the wish for token counts. */
  private static final Set<String> OPTIONAL =
      Set.of("reasoning_effort", "verbosity", "top_k", "min_p", "repetition_penalty");

  /** OpenAI wants a name for a schema; it is a label only. */
  private static final String SCHEMA_NAME = "answer";

  private final ProtocolPair pair;
  private OpenAiModel model;
  private ToolNames names;
  private boolean optional;

  OpenAiChatRequestWriter(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public ObjectNode write(ChatRequest request, UpstreamOptions options) {
    model = new OpenAiModel(options);
    names = ToolNames.openAi(model.hasShortIds());
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
      thinking(request.thinking, body);
    }
    verbosity(request.verbosity, body);
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

  private void param(Param param, Param.Given given, ObjectNode body) {
    if (param == Param.MAX_TOKENS) {
      limit(given, body);
    } else if (SAMPLERS.contains(param) && !model.takesSamplers()
        || SAMPLING.contains(param) && !model.takesSampling()) {
      if (!isDefault(param, given.value())) {
        pair.leaveOut(given.field());
      }
    } else {
      body.set(NAMES.get(param), given.value());
    }
  }

  private static boolean isDefault(Param param, JsonNode value) {
    return SAMPLING.contains(param) && value.asDouble() == 1;
  }

  /** Agents ask for the most that another provider's model gives, or for one token as a trial. */
  private void limit(Param.Given given, ObjectNode body) {
    long asked = given.value().asLong();
    int most = model.maxOutputTokens();
    if (most > 0 && asked > most) {
      limit(given, most, "ask for at most " + most + " tokens", body);
    } else if (asked > 0 && asked < model.minOutputTokens()) {
      int least = model.minOutputTokens();
      limit(given, least, "ask for at least " + least + " tokens", body);
    } else {
      body.set(model.limitField(), given.value());
    }
  }

  private void limit(Param.Given given, int tokens, String instead, ObjectNode body) {
    pair.replace(given.field(), String.valueOf(tokens), instead);
    body.set(model.limitField(), IntNode.valueOf(tokens));
  }

  /**
   * Some models think unless they are told not to, and others only when they are told to: a wish is
   * said in either case, one without an effort as a medium one.
   */
  private void thinking(Thinking thinking, ObjectNode body) {
    if (thinking == null || thinking.isOff() && model.neverThinks()) {
      return;
    }
    Thinking.Effort asked = thinking.nearestEffort();
    Thinking.Effort wanted = asked == null ? Thinking.Effort.MEDIUM : asked;
    Thinking.Effort said = model.effort(wanted);
    if (said == null) {
      pair.leaveOut(thinking.field());
      return;
    }
    if (said != wanted) {
      pair.replace(thinking.field(), said.word(), "ask for " + said.word());
    }
    body.put("reasoning_effort", said.word());
  }

  private void withoutThoughts(Thinking thinking, ObjectNode body) {
    if (thinking != null && !thinking.isOff()) {
      pair.replace(thinking.field(), "none", "ask this model without tools, or in responses");
    }
    body.put("reasoning_effort", Thinking.Effort.NONE.word());
  }

  private void verbosity(ChatRequest.Verbosity verbosity, ObjectNode body) {
    if (verbosity == null) {
      return;
    }
    if (model.takesVerbosity()) {
      body.put("verbosity", verbosity.level());
    } else if (!verbosity.level().equals("medium")) {
      pair.leaveOut(verbosity.field());
    }
  }

  private void tools(ChatRequest request, ObjectNode body) {
    ToolChoice choice = request.toolChoice;
    if (request.tools.isEmpty()) {
      if (choice.isRequired()) {
        throw pair.invalid("tool_choice", "must name one of the tools, and there are none");
      }
      return;
    }
    ArrayNode tools = body.putArray("tools");
    for (Tool tool : request.tools) {
      tool(tool, tools.addObject().put("type", "function").putObject("function"));
    }
    if (choice.alone()) {
      body.put("parallel_tool_calls", false);
    }
    choice(choice, body);
  }

  private void tool(Tool tool, ObjectNode function) {
    function.put("name", names.name(tool.name()));
    if (tool.description() != null) {
      function.put("description", tool.description());
    }
    if (tool.cache() != null) {
      pair.leaveOut(tool.field() + ".cache_control");
    }
    ObjectNode schema = tool.schema();
    if (Boolean.TRUE.equals(tool.strict())) {
      // Other protocols hold a model to schemas that OpenAI does not take.
      ObjectNode closed = StrictSchema.closed(schema);
      if (StrictSchema.isStrict(closed)) {
        schema = closed;
        function.put("strict", true);
      } else {
        pair.leaveOut(tool.field() + ".strict");
      }
    }
    function.set("parameters", schema);
  }

  private void choice(ToolChoice choice, ObjectNode body) {
    switch (choice.mode()) {
      case AUTO -> body.put("tool_choice", "auto");
      case NONE -> body.put("tool_choice", "none");
      case ANY -> body.put("tool_choice", "required");
      case ONE ->
          body.putObject("tool_choice")
              .put("type", "function")
              .putObject("function")
              .put("name", names.name(choice.name()));
      case UNSAID -> {
        // Then the provider's default holds, which is the same everywhere.
      }
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
      return;
    }
    ObjectNode schema = StrictSchema.closed(format.schema());
    boolean strict = StrictSchema.isStrict(schema);
    if (format.isStrict() && !strict && model.isOwn()) {
      throw pair.refused(
          format.field(), "let each object require all of its properties and allow no others");
    }
    strict |= format.isStrict();
    ObjectNode named = wrapper.put("type", "json_schema").putObject("json_schema");
    named.put("name", SCHEMA_NAME).put("strict", strict);
    named.set("schema", strict ? schema : format.schema());
  }
}

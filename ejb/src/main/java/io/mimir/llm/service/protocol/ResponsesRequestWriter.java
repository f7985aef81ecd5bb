package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Format;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice;

/**
 * Asks in OpenAI's responses. Nothing is kept there: the whole conversation is sent each time, with
 * what the model thought, which OpenAI encrypts.
 */
final class ResponsesRequestWriter implements RequestWriter {

  static final String ENCRYPTED = "reasoning.encrypted_content";

  /** Fewer tokens are refused, whatever the model. */
  private static final int MIN_OUTPUT_TOKENS = 16;

  private final ProtocolPair pair;
  private UpstreamOptions options;
  private OpenAiModel model;
  private OpenAiSettings settings;
  private ToolNames names;
  private boolean optional;

  ResponsesRequestWriter(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public ObjectNode write(ChatRequest request, UpstreamOptions upstream) {
    options = upstream;
    model = new OpenAiModel(options);
    names = ToolNames.openAi(false);
    settings = new OpenAiSettings(pair, model, names);
    ObjectNode body = Json.object().put("model", options.model()).put("store", false);
    if (!model.neverThinks()) {
      body.putArray("include").add(ENCRYPTED);
    }
    var input = new ResponsesInputWriter(pair, options, names);
    input.write(request, body);
    tools(request, body);
    format(request.format, body, input);
    request.params.forEach((param, given) -> param(param, given, body));
    reasoning(request, body);
    String verbosity = settings.verbosity(request.verbosity);
    if (verbosity != null) {
      body.withObject("/text").put("verbosity", verbosity);
    }
    optional = verbosity != null || body.has("reasoning") || input.isOptional();
    return body.put("stream", request.streamed);
  }

  @Override
  public boolean isOptional() {
    return optional;
  }

  @Override
  public ResponseSink restoring(ResponseSink sink) {
    return names.restoring(sink);
  }

  /** The protocol has no word for any other setting. */
  private void param(Param param, Param.Given given, ObjectNode body) {
    switch (param) {
      case MAX_TOKENS -> body.set("max_output_tokens", settings.limit(given, MIN_OUTPUT_TOKENS));
      case TEMPERATURE, TOP_P -> {
        if (settings.isFixed(param)) {
          settings.leaveOut(param, given);
        } else {
          body.set(param == Param.TOP_P ? "top_p" : "temperature", given.value());
        }
      }
      case STOP, SEED, TOP_K, MIN_P, FREQUENCY_PENALTY, PRESENCE_PENALTY, REPEAT_PENALTY ->
          settings.leaveOut(param, given);
    }
  }

  /**
   * Thoughts are told as summaries, which are made where one is asked for: organizations that have
   * not proved who they are may not.
   */
  private void reasoning(ChatRequest request, ObjectNode body) {
    Thinking thinking = request.thinking;
    String effort = settings.effort(thinking);
    if (effort != null) {
      body.withObject("/reasoning").put("effort", effort);
    }
    boolean wanted = thinking != null && !thinking.isOff() && request.thoughtsShown;
    if (wanted && !options.isPlain() && !model.neverThinks()) {
      body.withObject("/reasoning").put("summary", "auto");
    }
  }

  private void tools(ChatRequest request, ObjectNode body) {
    if (!settings.offersTools(request)) {
      return;
    }
    ArrayNode tools = body.putArray("tools");
    request.tools.forEach(tool -> tool(tool, tools.addObject()));
    if (request.toolChoice.alone()) {
      body.put("parallel_tool_calls", false);
    }
    choice(request.toolChoice, body);
  }

  /** Where nothing is said of it, all arguments would be made required ones. */
  private void tool(Tool tool, ObjectNode item) {
    item.put("type", "function").put("strict", false);
    settings.function(tool, item);
  }

  private void choice(ToolChoice choice, ObjectNode body) {
    String word = OpenAiSettings.word(choice.mode());
    if (word != null) {
      body.put("tool_choice", word);
    }
    if (choice.mode() == ToolChoice.Mode.ONE) {
      ObjectNode one = body.putObject("tool_choice").put("type", "function");
      one.put("name", names.name(choice.name()));
    }
  }

  private void format(Format format, ObjectNode body, ResponsesInputWriter input) {
    if (format == null) {
      return;
    }
    ObjectNode said = body.withObject("/text").putObject("format");
    if (format.schema() == null) {
      said.put("type", "json_object");
      input.sayJson(format.field());
    } else {
      settings.schema(format, said.put("type", "json_schema"));
    }
  }
}

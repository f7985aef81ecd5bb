package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Format;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice.Mode;
import io.mimir.llm.service.protocol.Thinking.Effort;
import java.util.HashMap;
import java.util.Map;

/** Reads Anthropic's messages. */
final class AnthropicRequestReader implements RequestReader {

  private final AnthropicContentReader content;

  /** Tools that Anthropic runs itself, by name, and where they stand. */
  private final Map<String, Fields> hosted = new HashMap<>();

  AnthropicRequestReader(ProtocolPair pair) {
    this.content = new AnthropicContentReader(pair);
  }

  @Override
  public ChatRequest read(Fields body) {
    ChatRequest request = new ChatRequest();
    body.ignore("model");
    request.streamed = body.flag("stream", false);
    request.add("system", Role.SYSTEM, content.read(body, "system"));
    body.objects("messages").forEach(message -> message(message, request));
    body.objects("tools").forEach(tool -> tool(tool, request));
    request.toolChoice = toolChoice(body, request);
    thinking(body, request);
    Param.MAX_TOKENS.read(body, "max_tokens", request);
    if (!request.params.containsKey(Param.MAX_TOKENS)) {
      throw body.invalid("max_tokens", "is missing");
    }
    Param.TEMPERATURE.read(body, "temperature", request);
    Param.TOP_P.read(body, "top_p", request);
    Param.TOP_K.read(body, "top_k", request);
    Param.STOP.read(body, "stop_sequences", request);
    body.hint(FieldRules.hints(AnthropicFields.RULES))
        .hintUnless("service_tier", "\"auto\"", "\"standard_only\"")
        .hintUnless("speed", "\"standard\"")
        .never("inference_geo");
    body.done();
    return request;
  }

  private void message(Fields message, ChatRequest request) {
    Role role =
        switch (message.neededText("role")) {
          case "user" -> Role.USER;
          case "assistant" -> Role.ASSISTANT;
          case "system" -> Role.SYSTEM;
          default -> throw message.invalid("role", "must be user or assistant");
        };
    request.add(message.path(), role, content.read(message, "content"));
    message.done();
  }

  private void tool(Fields tool, ChatRequest request) {
    String type = tool.text("type");
    if (type != null && !type.equals("custom")) {
      hosted.put(tool.has("name") ? tool.neededText("name") : type, tool);
      return;
    }
    tool.hint("cache_control", "eager_input_streaming", "defer_loading", "input_examples")
        .hintUnless("allowed_callers", "[\"direct\"]");
    ObjectNode schema = Schemas.orEmpty(tool.neededTree("input_schema"));
    String name = tool.neededText("name");
    request.tools.add(
        new Tool(tool.path(), name, tool.text("description"), schema, tool.said("strict")));
    tool.done();
  }

  /** Agents offer hosted tools always; only a request that wants one used depends on it. */
  private ToolChoice toolChoice(Fields body, ChatRequest request) {
    ToolChoice choice = toolChoice(body);
    boolean wanted =
        choice.mode() == Mode.ONE
            ? hosted.containsKey(choice.name())
            : choice.mode() == Mode.ANY && request.tools.isEmpty();
    for (Fields tool : hosted.values()) {
      if (wanted) {
        throw tool.refused("type", "use tools of your own, or let the model choose");
      }
      tool.leaveOut(tool.neededText("type"));
    }
    return choice;
  }

  private static ToolChoice toolChoice(Fields body) {
    Fields choice = body.object("tool_choice");
    if (choice == null) {
      return ToolChoice.UNSAID;
    }
    Mode mode =
        switch (choice.neededText("type")) {
          case "auto" -> Mode.AUTO;
          case "any" -> Mode.ANY;
          case "none" -> Mode.NONE;
          case "tool" -> Mode.ONE;
          default -> throw choice.invalid("type", "must be auto, any, tool or none");
        };
    String name = mode == Mode.ONE ? choice.neededText("name") : null;
    boolean alone = choice.flag("disable_parallel_tool_use", false);
    choice.done();
    return new ToolChoice(mode, name, alone);
  }

  /** The effort stands beside the format, and says more than whether the model may think. */
  private static void thinking(Fields body, ChatRequest request) {
    Fields thinking = body.object("thinking");
    String type = thinking == null ? null : thinking.neededText("type");
    int budget = 0;
    if (thinking != null) {
      JsonNode tokens = thinking.take("budget_tokens");
      budget = tokens == null ? 0 : Math.max(0, tokens.asInt());
      thinking.ignore("display").done();
    }
    Fields config = body.object("output_config");
    Effort effort = null;
    if (config != null) {
      String word = config.text("effort");
      effort = word == null ? null : Effort.of(word);
      if (word != null && effort == null) {
        config.leaveOut("effort");
      }
      request.format = format(config.object("format"));
      config.done();
    }
    if (request.format == null) {
      request.format = format(body.object("output_format"));
    }
    // Some models have another word for not thinking before they answer.
    boolean off = "disabled".equals(type) || "between_tools".equals(type);
    if (off) {
      request.thinking = Thinking.ofEffort("thinking", Effort.NONE);
    } else if (type != null || effort != null) {
      String field = effort == null ? "thinking" : "output_config.effort";
      request.thinking = new Thinking(field, effort, budget);
    }
    request.thoughtsShown = type != null && !off;
  }

  private static Format format(Fields format) {
    if (format == null) {
      return null;
    }
    if (!format.neededText("type").equals("json_schema")) {
      throw format.invalid("type", "must be json_schema");
    }
    ObjectNode schema = format.neededTree("schema");
    format.done();
    return new Format(format.path(), schema, true);
  }
}

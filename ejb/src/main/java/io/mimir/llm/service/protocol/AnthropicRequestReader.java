package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Format;
import io.mimir.llm.service.protocol.ChatRequest.Image;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice.Mode;
import io.mimir.llm.service.protocol.ChatRequest.ToolResult;
import java.util.ArrayList;
import java.util.List;

/** Reads Anthropic's messages. */
final class AnthropicRequestReader implements RequestReader {

  private final ProtocolPair pair;

  AnthropicRequestReader(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public ChatRequest read(Fields body) {
    ChatRequest request = new ChatRequest();
    body.ignore("model");
    request.streamed = body.flag("stream", false);
    request.add("system", Role.SYSTEM, content(body, "system"));
    body.objects("messages").forEach(message -> message(message, request));
    body.objects("tools").forEach(tool -> request.tools.add(tool(tool)));
    request.toolChoice = toolChoice(body);
    request.format = format(body);
    Param.MAX_TOKENS.read(body, "max_tokens", request);
    if (!request.params.containsKey(Param.MAX_TOKENS)) {
      throw body.invalid("max_tokens", "is missing");
    }
    Param.TEMPERATURE.read(body, "temperature", request);
    Param.TOP_P.read(body, "top_p", request);
    Param.TOP_K.read(body, "top_k", request);
    Param.STOP.read(body, "stop_sequences", request);
    otherwise(body);
    body.done();
    return request;
  }

  /** Hints, fields that say nothing while they have a certain value, and those that nobody has. */
  private static void otherwise(Fields body) {
    body.ignore("metadata", "cache_control")
        .only("service_tier", "\"auto\"", "\"standard_only\"")
        .only("speed", "\"standard\"")
        .onlyEmpty("mcp_servers")
        .never("container", "context_management", "diagnostics", "inference_geo")
        .never("user_profile_id", "workspace_id");
    Fields thinking = body.object("thinking");
    if (thinking != null && !thinking.neededText("type").equals("disabled")) {
      throw body.refused("thinking", "leave it out or disable it");
    }
  }

  private void message(Fields message, ChatRequest request) {
    Role role =
        switch (message.neededText("role")) {
          case "user" -> Role.USER;
          case "assistant" -> Role.ASSISTANT;
          case "system" -> Role.SYSTEM;
          default -> throw message.invalid("role", "must be user or assistant");
        };
    request.add(message.path(), role, content(message, "content"));
    message.done();
  }

  private List<Part> content(Fields owner, String name) {
    List<Part> parts = new ArrayList<>();
    JsonNode content = owner.take(name);
    if (content != null && content.isTextual()) {
      Text.add(parts, content.textValue());
      return parts;
    }
    for (Fields block : owner.objects(name)) {
      block(block, parts);
    }
    return parts;
  }

  private void block(Fields block, List<Part> parts) {
    block.ignore("cache_control");
    switch (block.neededText("type")) {
      case "text" -> {
        block.onlyEmpty("citations");
        Text.add(parts, block.neededText("text"));
      }
      case "image" -> parts.add(image(block));
      case "tool_use" -> parts.add(call(block));
      case "tool_result" -> parts.add(result(block));
      case "thinking", "redacted_thinking" ->
          throw block.refused("type", "take the thinking blocks out of the history");
      default -> throw block.refused("type", "send texts, images, tool calls and results only");
    }
    block.done();
  }

  private Image image(Fields block) {
    Fields source = block.neededObject("source");
    block.never("transformations");
    Image image =
        switch (source.neededText("type")) {
          case "base64" ->
              new Image(
                  block.path(), source.neededText("media_type"), source.neededText("data"), null);
          case "url" -> Images.ofUrl(pair, source.path("url"), source.neededText("url"));
          default -> throw source.refused("type", "send the image as base64 or as a URL");
        };
    source.done();
    return image;
  }

  private static ToolCall call(Fields block) {
    ObjectNode input = block.tree("input");
    String arguments = input == null ? "{}" : input.toString();
    block.only("caller", "{\"type\":\"direct\"}").never("toolset_name");
    return new ToolCall(block.neededText("id"), block.neededText("name"), arguments);
  }

  private ToolResult result(Fields block) {
    List<Part> content = content(block, "content");
    for (Part part : content) {
      if (!(part instanceof Text || part instanceof Image)) {
        throw block.invalid("content", "must hold texts and images only");
      }
    }
    block.never("toolset_name");
    boolean failed = block.flag("is_error", false);
    return new ToolResult(block.path(), block.neededText("tool_use_id"), content, failed);
  }

  private static Tool tool(Fields tool) {
    String type = tool.text("type");
    if (type != null && !type.equals("custom")) {
      throw tool.refused("type", "use tools of your own");
    }
    tool.ignore("cache_control", "eager_input_streaming")
        .only("allowed_callers", "[\"direct\"]")
        .only("defer_loading", "false")
        .onlyEmpty("input_examples");
    ObjectNode schema = tool.neededTree("input_schema");
    String name = tool.neededText("name");
    var read = new Tool(tool.path(), name, tool.text("description"), schema, tool.said("strict"));
    tool.done();
    return read;
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

  private static Format format(Fields body) {
    Fields config = body.object("output_config");
    Fields format = config == null ? null : config.object("format");
    if (config != null) {
      config.never("effort").done();
    }
    if (format == null) {
      return null;
    }
    if (!format.neededText("type").equals("json_schema")) {
      throw format.invalid("type", "must be json_schema");
    }
    ObjectNode schema = format.neededTree("schema");
    format.done();
    return new Format(format.path(), schema);
  }
}

package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Format;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import io.mimir.llm.service.protocol.ChatRequest.ToolResult;
import java.util.ArrayList;
import java.util.List;

/** Reads OpenAI's responses, as far as they need nothing that was kept from an earlier call. */
final class ResponsesRequestReader implements RequestReader {

  private final ProtocolPair pair;

  ResponsesRequestReader(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public ChatRequest read(Fields body) {
    ChatRequest request = new ChatRequest();
    request.echo = echo(body);
    body.ignore("model");
    request.streamed = body.flag("stream", false);
    Fields streaming = body.object("stream_options");
    if (streaming != null) {
      streaming.ignore("include_obfuscation").done();
    }
    List<Part> instructions = new ArrayList<>();
    Text.add(instructions, body.text("instructions"));
    request.add("instructions", Role.SYSTEM, instructions);
    input(body, request);
    body.objects("tools").forEach(tool -> request.tools.add(tool(tool)));
    request.toolChoice =
        Schemas.toolChoice(body, named -> named.neededText("name"))
            .with(!body.flag("parallel_tool_calls", true));
    request.format = format(body);
    Param.MAX_TOKENS.read(body, "max_output_tokens", request);
    Param.TEMPERATURE.read(body, "temperature", request);
    Param.TOP_P.read(body, "top_p", request);
    otherwise(body);
    body.done();
    return request;
  }

  /** An answer repeats how it was asked for. */
  private static ObjectNode echo(Fields body) {
    ObjectNode echo = Json.object();
    for (String name :
        List.of("instructions", "max_output_tokens", "metadata", "temperature", "top_p")) {
      echo.set(name, body.take(name));
    }
    if (!echo.hasNonNull("metadata")) {
      echo.putObject("metadata");
    }
    echo.put("parallel_tool_calls", body.flag("parallel_tool_calls", true));
    JsonNode choice = body.take("tool_choice");
    echo.set("tool_choice", choice == null ? echo.textNode("auto") : choice);
    JsonNode tools = body.take("tools");
    echo.set("tools", tools == null ? echo.arrayNode() : tools);
    JsonNode text = body.take("text");
    echo.set("text", text == null ? Json.object() : text);
    return echo;
  }

  /** Hints, fields that say nothing while they have a certain value, and those that nobody has. */
  private static void otherwise(Fields body) {
    body.ignore("user", "safety_identifier", "metadata")
        .ignore("prompt_cache_key", "prompt_cache_retention", "prompt_cache_options")
        .only("service_tier", "\"auto\"", "\"default\"")
        .only("store", "false")
        .only("background", "false")
        .only("truncation", "\"disabled\"")
        .only("top_logprobs", "0")
        .only("include", "[]", "[\"reasoning.encrypted_content\"]")
        .never("max_tool_calls", "prompt", "context_management", "moderation");
    for (String kept : List.of("previous_response_id", "conversation")) {
      if (body.take(kept) != null) {
        throw body.refused(kept, "send the whole conversation as input");
      }
    }
    Fields reasoning = body.object("reasoning");
    if (reasoning != null) {
      reasoning.only("effort", "\"none\"").never("summary", "generate_summary").done();
    }
  }

  private void input(Fields body, ChatRequest request) {
    JsonNode input = body.take("input");
    if (input == null) {
      throw body.invalid("input", "is missing");
    }
    if (input.isTextual()) {
      List<Part> parts = new ArrayList<>();
      Text.add(parts, input.textValue());
      request.add("input", Role.USER, parts);
    } else {
      body.objects("input").forEach(item -> item(item, request));
    }
  }

  private void item(Fields item, ChatRequest request) {
    String type = item.text("type");
    switch (type == null ? "message" : type) {
      case "message" -> request.add(item.path(), role(item), content(item, "content"));
      case "function_call" -> {
        item.only("caller", "{\"type\":\"direct\"}").never("namespace");
        String id = item.neededText("call_id");
        var call = new ToolCall(id, item.neededText("name"), Schemas.arguments(item, pair));
        item.ignore("parsed_arguments");
        request.add(item.path(), Role.ASSISTANT, List.of(call));
      }
      case "function_call_output" -> {
        item.only("caller", "{\"type\":\"direct\"}");
        String id = item.neededText("call_id");
        var result = new ToolResult(item.path(), id, content(item, "output"), false);
        request.add(item.path(), Role.USER, List.of(result));
      }
      case "reasoning" -> throw item.refused("type", "take the reasoning items out of the input");
      default -> throw item.refused("type", "send messages, function calls and their outputs only");
    }
    item.ignore("id", "status").done();
  }

  private static Role role(Fields item) {
    return switch (item.neededText("role")) {
      case "system", "developer" -> Role.SYSTEM;
      case "user" -> Role.USER;
      case "assistant" -> Role.ASSISTANT;
      default -> throw item.invalid("role", "must be system, developer, user or assistant");
    };
  }

  private List<Part> content(Fields item, String name) {
    List<Part> parts = new ArrayList<>();
    JsonNode content = item.take(name);
    if (content == null) {
      throw item.invalid(name, "is missing");
    }
    if (content.isTextual()) {
      Text.add(parts, content.textValue());
      return parts;
    }
    for (Fields part : item.objects(name)) {
      part(part, parts);
    }
    return parts;
  }

  private void part(Fields part, List<Part> parts) {
    switch (part.neededText("type")) {
      case "input_text", "output_text" -> {
        Text.add(parts, part.neededText("text"));
        part.ignore("annotations", "logprobs", "parsed");
      }
      case "refusal" -> Text.add(parts, part.neededText("refusal"));
      case "input_image" -> {
        if (part.has("file_id")) {
          throw part.refused("file_id", "send the image as a URL");
        }
        part.only("detail", "\"auto\"", "\"high\"", "\"original\"");
        parts.add(Images.ofUrl(pair, part.path("image_url"), part.neededText("image_url")));
      }
      default -> throw part.refused("type", "send texts and images only");
    }
    part.ignore("prompt_cache_breakpoint").done();
  }

  private static Tool tool(Fields tool) {
    if (!tool.neededText("type").equals("function")) {
      throw tool.refused("type", "use tools of type function");
    }
    var read =
        new Tool(
            tool.path(),
            tool.neededText("name"),
            tool.text("description"),
            Schemas.orEmpty(tool.tree("parameters")),
            tool.said("strict"));
    tool.done();
    return read;
  }

  private static Format format(Fields body) {
    Fields text = body.object("text");
    Fields format = text == null ? null : text.object("format");
    if (text != null) {
      text.only("verbosity", "\"medium\"").done();
    }
    return format == null
        ? null
        : Schemas.form(format, schema -> Schemas.format(schema, schema.path()));
  }
}

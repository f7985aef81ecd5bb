package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.llm.service.protocol.ChatRequest.Format;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice;
import io.mimir.llm.service.protocol.ChatRequest.ToolResult;
import java.util.ArrayList;
import java.util.List;

/** Reads OpenAI's chat completions. */
final class OpenAiChatRequestReader implements RequestReader {

  private final ProtocolPair pair;

  OpenAiChatRequestReader(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public ChatRequest read(Fields body) {
    ChatRequest request = new ChatRequest();
    body.ignore("model");
    request.streamed = body.flag("stream", false);
    Fields streaming = body.object("stream_options");
    if (streaming != null) {
      request.usageAsked = streaming.flag("include_usage", false);
      streaming.ignore("include_obfuscation").done();
    }
    body.objects("messages").forEach(message -> message(message, request));
    body.objects("tools").forEach(tool -> request.tools.add(tool(tool)));
    boolean alone = !body.flag("parallel_tool_calls", true);
    request.toolChoice = toolChoice(body).with(alone);
    request.format = format(body);
    limit(body, request);
    Param.TEMPERATURE.read(body, "temperature", request);
    Param.TOP_P.read(body, "top_p", request);
    Param.STOP.read(body, "stop", request);
    Param.SEED.read(body, "seed", request);
    otherwise(body);
    body.done();
    return request;
  }

  /** Hints, fields that say nothing while they have a certain value, and those that nobody has. */
  private static void otherwise(Fields body) {
    body.ignore("user", "safety_identifier", "metadata")
        .ignore("prompt_cache_key", "prompt_cache_retention", "prompt_cache_options")
        .only("service_tier", "\"auto\"", "\"default\"")
        .only("store", "false")
        .only("n", "1")
        .only("logprobs", "false")
        .only("top_logprobs", "0")
        .only("modalities", "[\"text\"]")
        .only("frequency_penalty", "0", "0.0")
        .only("presence_penalty", "0", "0.0")
        .onlyEmpty("logit_bias")
        .never("audio", "prediction", "moderation", "web_search_options")
        .only("reasoning_effort", "\"none\"")
        .only("verbosity", "\"medium\"");
    for (String old : List.of("functions", "function_call")) {
      if (body.take(old) != null) {
        throw body.refused(old, "use tools and tool_choice, which replace it");
      }
    }
  }

  private static void limit(Fields body, ChatRequest request) {
    if (body.has("max_tokens") && body.has("max_completion_tokens")) {
      throw body.invalid("max_tokens", "must not be given beside max_completion_tokens");
    }
    Param.MAX_TOKENS.read(body, "max_tokens", request);
    Param.MAX_TOKENS.read(body, "max_completion_tokens", request);
  }

  private void message(Fields message, ChatRequest request) {
    String role = message.neededText("role");
    switch (role) {
      case "system", "developer" -> request.add(message.path(), Role.SYSTEM, content(message));
      case "user" -> request.add(message.path(), Role.USER, content(message));
      case "assistant" -> request.add(message.path(), Role.ASSISTANT, answer(message));
      case "tool" -> {
        message.ignore("name"); // of the tool, which its call has named
        String id = message.neededText("tool_call_id");
        var result = new ToolResult(message.path(), id, content(message), false);
        request.add(message.path(), Role.USER, List.of(result));
      }
      case "function" -> throw message.refused("role", "use the role tool, which replaces it");
      default -> throw message.invalid("role", "must be system, user, assistant or tool");
    }
    if (!role.equals("tool")) {
      message.never("name");
    }
    message.done();
  }

  private List<Part> answer(Fields message) {
    message.ignore("annotations", "parsed").never("audio", "function_call");
    message.onlyEmpty("reasoning_content", "reasoning");
    List<Part> parts = content(message);
    Text.add(parts, message.text("refusal"));
    for (Fields call : message.objects("tool_calls")) {
      parts.add(call(call));
    }
    return parts;
  }

  private static ToolCall call(Fields call) {
    String type = call.text("type");
    if (type != null && !type.equals("function")) {
      throw call.refused("type");
    }
    String id = call.neededText("id");
    Fields function = call.neededObject("function");
    var read = new ToolCall(id, function.neededText("name"), Schemas.arguments(function));
    function.ignore("parsed_arguments").done();
    call.ignore("index").done();
    return read;
  }

  private List<Part> content(Fields message) {
    List<Part> parts = new ArrayList<>();
    JsonNode content = message.take("content");
    if (content == null || content.isTextual()) {
      Text.add(parts, content == null ? null : content.textValue());
      return parts;
    }
    for (Fields part : message.objects("content")) {
      part(part, parts);
    }
    return parts;
  }

  private void part(Fields part, List<Part> parts) {
    switch (part.neededText("type")) {
      case "text" -> Text.add(parts, part.neededText("text"));
      case "refusal" -> Text.add(parts, part.neededText("refusal"));
      case "image_url" -> {
        Fields image = part.neededObject("image_url");
        String url = image.neededText("url");
        image.only("detail", "\"auto\"", "\"high\"").done();
        parts.add(Images.ofUrl(pair, image.path("url"), url));
      }
      default -> throw part.refused("type", "send texts and images only");
    }
    part.ignore("prompt_cache_breakpoint").done();
  }

  private static Tool tool(Fields tool) {
    if (!tool.neededText("type").equals("function")) {
      throw tool.refused("type", "use tools of type function");
    }
    Fields function = tool.neededObject("function");
    var read =
        new Tool(
            tool.path(),
            function.neededText("name"),
            function.text("description"),
            Schemas.orEmpty(function.tree("parameters")),
            function.said("strict"));
    function.done();
    tool.done();
    return read;
  }

  private static ToolChoice toolChoice(Fields body) {
    return Schemas.toolChoice(
        body,
        named -> {
          Fields function = named.neededObject("function");
          String name = function.neededText("name");
          function.done();
          return name;
        });
  }

  private static Format format(Fields body) {
    Fields format = body.object("response_format");
    return format == null ? null : Schemas.form(format, OpenAiChatRequestReader::schema);
  }

  private static Format schema(Fields format) {
    Fields wrapper = format.neededObject("json_schema");
    Format read = Schemas.format(wrapper, format.path());
    wrapper.done();
    return read;
  }
}

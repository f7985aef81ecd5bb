package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.CacheMark;
import io.mimir.llm.service.protocol.ChatRequest.Image;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Thought;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import io.mimir.llm.service.protocol.ChatRequest.ToolResult;
import java.util.ArrayList;
import java.util.List;

/** Reads the messages of OpenAI's chat completions. */
final class OpenAiChatMessageReader {

  private final ProtocolPair pair;
  private final ChatRequest request;

  /** The call of a function without an identifier that waits for its result; or null. */
  private String openFunction;

  private int functions;

  OpenAiChatMessageReader(ProtocolPair pair, ChatRequest request) {
    this.pair = pair;
    this.request = request;
  }

  void message(Fields message) {
    switch (message.neededText("role")) {
      case "system", "developer" -> said(message, Role.SYSTEM);
      case "user" -> said(message, Role.USER);
      case "assistant" -> request.add(message.path(), Role.ASSISTANT, answer(message));
      case "tool" -> result(message, message.neededText("tool_call_id"));
      case "function" -> {
        if (openFunction == null) {
          throw message.invalid("role", "must follow a function_call of the assistant's");
        }
        result(message, openFunction);
        openFunction = null;
      }
      default -> throw message.invalid("role", "must be system, user, assistant or tool");
    }
    message.done();
  }

  private void said(Fields message, Role role) {
    message.hint("name");
    List<Part> parts = content(message);
    mark(message, parts);
    request.add(message.path(), role, parts);
  }

  private void result(Fields message, String id) {
    message.ignore("name"); // of the tool, which its call has named
    var result = new ToolResult(message.path(), id, content(message), false);
    List<Part> parts = new ArrayList<>();
    parts.add(result);
    mark(message, parts);
    request.add(message.path(), Role.USER, parts);
  }

  private List<Part> answer(Fields message) {
    message.ignore("annotations", "parsed", "images").hint("name", "audio");
    List<Part> parts = thoughts(message);
    parts.addAll(content(message));
    Text.add(parts, message.text("refusal"));
    for (Fields call : message.objects("tool_calls")) {
      parts.add(call(call));
    }
    Fields function = message.object("function_call");
    if (function != null) {
      openFunction = "call_function_" + ++functions;
      parts.add(
          new ToolCall(
              openFunction, function.neededText("name"), Schemas.arguments(function, pair)));
      function.done();
    }
    mark(message, parts);
    return parts;
  }

  /** What the model thought can be given back only where it came with a handle of ours. */
  private static List<Part> thoughts(Fields message) {
    List<Part> thoughts = new ArrayList<>();
    JsonNode details = message.take("reasoning_details");
    if (details != null) {
      for (JsonNode detail : details) {
        String handle = detail.path("data").asText(null);
        thoughts.add(new Thought(message.path("reasoning_details"), "", handle));
      }
    }
    for (String name : new String[] {"reasoning_content", "reasoning"}) {
      if (thoughts.isEmpty()) {
        message.hint(name);
      } else {
        message.ignore(name);
      }
    }
    return thoughts;
  }

  private ToolCall call(Fields call) {
    String type = call.text("type");
    String id = call.neededText("id");
    call.ignore("index");
    ToolCall read;
    if ("custom".equals(type)) {
      Fields custom = call.neededObject("custom");
      ObjectNode arguments = Json.object().put("input", custom.neededText("input"));
      read = new ToolCall(id, custom.neededText("name"), arguments.toString());
      custom.done();
    } else {
      Fields function = call.neededObject("function");
      String arguments = Schemas.arguments(function, pair);
      read = new ToolCall(id, function.neededText("name"), arguments);
      function.ignore("parsed_arguments").done();
    }
    call.done();
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
        String detail = image.text("detail");
        Image read = Images.ofUrl(pair, image.path("url"), image.neededText("url"));
        boolean said = detail != null && !detail.equals("auto") && !detail.equals("high");
        parts.add(
            new Image(
                image.path(), read.mediaType(), read.base64(), read.url(), said ? detail : null));
        image.done();
      }
      case "file" -> file(part, parts);
      case "input_audio" -> {
        part.ignore("input_audio");
        part.leaveOut("input_audio");
      }
      case "thinking", "redacted_thinking", "reasoning" -> {
        // Some clients keep thoughts among the texts, without what a provider wants back.
        part.leaveOut(part.neededText("type"));
        return;
      }
      default -> throw part.refused("type", "send texts, images and files only");
    }
    mark(part, parts);
    part.ignore("prompt_cache_breakpoint").done();
  }

  private void file(Fields part, List<Part> parts) {
    Fields file = part.neededObject("file");
    String data = file.text("file_data");
    if (data == null) {
      // A file that was uploaded lies at another provider.
      file.leaveOut("file_id");
    } else {
      parts.add(Images.document(pair, file.path("file_data"), file.text("filename"), data));
    }
    file.ignore("filename").done();
  }

  /** OpenRouter and LiteLLM let a client say where Anthropic's prompt cache may end. */
  private static void mark(Fields owner, List<Part> parts) {
    ObjectNode control = owner.tree("cache_control");
    if (control != null) {
      parts.add(new CacheMark(owner.path("cache_control"), control));
    }
  }
}

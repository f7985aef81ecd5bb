package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Image;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice;
import io.mimir.llm.service.protocol.ChatRequest.ToolResult;
import io.mimir.llm.service.protocol.ChatRequest.Turn;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Asks in OpenAI's chat completions. */
final class OpenAiChatRequestWriter implements RequestWriter {

  /**
   * OpenAI's own models want the new name of the limit, and its newer ones refuse the old name,
   * which is the one that every other server knows.
   */
  private static final Pattern OPENAIS_OWN =
      Pattern.compile("(ft:)?(gpt-(?!oss)|chatgpt-|codex-|o\\d).*");

  private static final Map<Param, String> NAMES =
      Map.of(
          Param.TEMPERATURE, "temperature",
          Param.TOP_P, "top_p",
          Param.STOP, "stop",
          Param.SEED, "seed",
          Param.FREQUENCY_PENALTY, "frequency_penalty",
          Param.PRESENCE_PENALTY, "presence_penalty");

  /** OpenAI wants a name for a schema; it is a label only. */
  private static final String SCHEMA_NAME = "answer";

  private final ProtocolPair pair;

  OpenAiChatRequestWriter(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public ObjectNode write(ChatRequest request, UpstreamOptions wanted) {
    ObjectNode body = Json.object().put("model", wanted.model());
    ArrayNode messages = body.putArray("messages");
    request.turns.forEach(turn -> turn(turn, messages));
    tools(request, body);
    format(request.format, body);
    request.params.forEach(
        (param, given) -> {
          String name = param == Param.MAX_TOKENS ? limitOf(wanted.model()) : NAMES.get(param);
          if (name == null) {
            throw pair.refused(given.field());
          }
          body.set(name, given.value());
        });
    body.put("stream", request.streamed);
    if (request.streamed && wanted.isCounted()) {
      body.putObject("stream_options").put("include_usage", true);
    }
    return body;
  }

  private static String limitOf(String model) {
    return OPENAIS_OWN.matcher(model).matches() ? "max_completion_tokens" : "max_tokens";
  }

  /** Results of tools are messages of their own here, and come right after what asked for them. */
  private void turn(Turn turn, ArrayNode messages) {
    for (Part part : turn.parts()) {
      if (part instanceof ToolResult result) {
        result(result, messages);
      }
    }
    List<Part> said = turn.parts().stream().filter(part -> !(part instanceof ToolResult)).toList();
    if (said.isEmpty()) {
      return;
    }
    ObjectNode message = messages.addObject().put("role", roleOf(turn.role()));
    if (turn.role() == Role.ASSISTANT) {
      answer(turn, said, message);
    } else {
      message.set("content", content(turn, said));
    }
  }

  private static String roleOf(Role role) {
    return switch (role) {
      case SYSTEM -> "system";
      case USER -> "user";
      case ASSISTANT -> "assistant";
    };
  }

  private void result(ToolResult result, ArrayNode messages) {
    StringBuilder text = new StringBuilder(result.failed() ? "Error: " : "");
    for (Part part : result.content()) {
      if (part instanceof Image image) {
        throw pair.refused(image.field(), "send the image in a message of the user's");
      }
      text.append(((Text) part).text());
    }
    messages
        .addObject()
        .put("role", "tool")
        .put("tool_call_id", result.id())
        .put("content", text.toString());
  }

  /** What the model said is one text here: its pieces belong together. */
  private void answer(Turn turn, List<Part> said, ObjectNode message) {
    StringBuilder text = new StringBuilder();
    ArrayNode calls = Json.MAPPER.createArrayNode();
    for (Part part : said) {
      if (part instanceof ToolCall call) {
        ObjectNode item = calls.addObject().put("id", call.id()).put("type", "function");
        item.putObject("function").put("name", call.name()).put("arguments", call.arguments());
      } else if (part instanceof Text piece) {
        text.append(piece.text());
      } else {
        throw pair.refused(turn.field(), "let the assistant say texts only");
      }
    }
    message.put("content", text.isEmpty() ? null : text.toString());
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
  }

  /** One text is said as such, which every server understands; anything else is a list. */
  private JsonNode content(Turn turn, List<Part> said) {
    if (said.size() == 1 && said.get(0) instanceof Text only) {
      return Json.MAPPER.getNodeFactory().textNode(only.text());
    }
    ArrayNode content = Json.MAPPER.createArrayNode();
    for (Part part : said) {
      if (part instanceof Text text) {
        content.addObject().put("type", "text").put("text", text.text());
      } else if (part instanceof Image image && turn.role() == Role.USER) {
        ObjectNode item = content.addObject().put("type", "image_url");
        item.putObject("image_url").put("url", Images.url(image));
      } else {
        throw pair.invalid(turn.field(), "holds what its role cannot say");
      }
    }
    return content;
  }

  private static void tools(ChatRequest request, ObjectNode body) {
    if (!request.tools.isEmpty()) {
      ArrayNode tools = body.putArray("tools");
      for (Tool tool : request.tools) {
        ObjectNode function = tools.addObject().put("type", "function").putObject("function");
        function.put("name", tool.name());
        if (tool.description() != null) {
          function.put("description", tool.description());
        }
        function.set("parameters", tool.schema());
        if (tool.strict() != null) {
          function.put("strict", tool.strict());
        }
      }
      if (request.toolChoice.alone()) {
        body.put("parallel_tool_calls", false);
      }
    }
    choice(request.toolChoice, body);
  }

  private static void choice(ToolChoice choice, ObjectNode body) {
    switch (choice.mode()) {
      case AUTO -> body.put("tool_choice", "auto");
      case NONE -> body.put("tool_choice", "none");
      case ANY -> body.put("tool_choice", "required");
      case ONE ->
          body.putObject("tool_choice")
              .put("type", "function")
              .putObject("function")
              .put("name", choice.name());
      case UNSAID -> {
        // Then the provider's default holds, which is the same everywhere.
      }
    }
  }

  private static void format(ChatRequest.Format format, ObjectNode body) {
    if (format == null) {
      return;
    }
    ObjectNode wrapper = body.putObject("response_format");
    if (format.schema() == null) {
      wrapper.put("type", "json_object");
      return;
    }
    ObjectNode schema = wrapper.put("type", "json_schema").putObject("json_schema");
    schema.put("name", SCHEMA_NAME).put("strict", true).set("schema", format.schema());
  }
}

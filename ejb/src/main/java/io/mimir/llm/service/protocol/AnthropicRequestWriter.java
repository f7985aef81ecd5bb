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
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice.Mode;
import io.mimir.llm.service.protocol.ChatRequest.ToolResult;
import io.mimir.llm.service.protocol.ChatRequest.Turn;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Asks in Anthropic's messages. */
final class AnthropicRequestWriter implements RequestWriter {

  private static final Map<Param, String> NAMES =
      Map.of(
          Param.MAX_TOKENS, "max_tokens",
          Param.TEMPERATURE, "temperature",
          Param.TOP_P, "top_p",
          Param.TOP_K, "top_k",
          Param.STOP, "stop_sequences");

  private static final Set<String> IMAGE_TYPES =
      Set.of("image/png", "image/jpeg", "image/gif", "image/webp");

  private final ProtocolPair pair;

  AnthropicRequestWriter(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public ObjectNode write(ChatRequest request, UpstreamOptions wanted) {
    ObjectNode body =
        Json.object().put("model", wanted.model()).put("max_tokens", wanted.maxTokens());
    turns(request.turns, body);
    tools(request, body);
    format(request.format, body);
    request.params.forEach((param, given) -> param(param, given, body));
    body.put("stream", request.streamed);
    return body;
  }

  private void param(Param param, Param.Given given, ObjectNode body) {
    String name = NAMES.get(param);
    if (name == null) {
      throw pair.refused(given.field());
    }
    if (param == Param.TEMPERATURE && given.value().asDouble() > 1) {
      throw pair.refused(given.field(), "stay between 0 and 1");
    }
    if (param == Param.STOP) {
      for (JsonNode sequence : given.value()) {
        if (sequence.textValue().isBlank()) {
          throw pair.refused(given.field(), "stop at more than white space");
        }
      }
    }
    body.set(name, given.value());
  }

  private void turns(List<Turn> turns, ObjectNode body) {
    int first = 0;
    while (first < turns.size() && turns.get(first).role() == Role.SYSTEM) {
      first++;
    }
    system(turns.subList(0, first), body);
    ArrayNode messages = body.putArray("messages");
    List<Turn> talk = turns.subList(first, turns.size());
    if (talk.get(0).role() == Role.ASSISTANT) {
      throw pair.refused(talk.get(0).field(), "begin with a message of the user's");
    }
    Role before = null;
    ArrayNode content = null;
    for (Turn turn : talk) {
      if (turn.role() == Role.SYSTEM) {
        throw pair.refused(turn.field(), "put what the system says before all other messages");
      }
      if (turn.role() != before) {
        before = turn.role();
        ObjectNode message = messages.addObject();
        message.put("role", before == Role.USER ? "user" : "assistant");
        content = message.putArray("content");
      }
      said(turn, content);
    }
  }

  private void system(List<Turn> turns, ObjectNode body) {
    if (turns.isEmpty()) {
      return;
    }
    ArrayNode system = body.putArray("system");
    turns.forEach(turn -> said(turn, system));
  }

  private void said(Turn turn, ArrayNode content) {
    for (Part part : turn.parts()) {
      if (turn.role() == Role.SYSTEM && !(part instanceof Text)) {
        throw pair.refused(turn.field(), "let the system say texts only");
      }
      content.add(block(part));
    }
  }

  private JsonNode block(Part part) {
    if (part instanceof Text text) {
      return Json.object().put("type", "text").put("text", text.text());
    }
    if (part instanceof Image image) {
      return image(image);
    }
    if (part instanceof ToolCall call) {
      ObjectNode block = Json.object().put("type", "tool_use").put("id", call.id());
      return block.put("name", call.name()).set("input", Json.objectIn(call.arguments()));
    }
    if (!(part instanceof ToolResult result)) {
      throw new IllegalArgumentException(part.getClass().getSimpleName());
    }
    ObjectNode block = Json.object().put("type", "tool_result").put("tool_use_id", result.id());
    ArrayNode content = block.putArray("content");
    result.content().forEach(piece -> content.add(block(piece)));
    return result.failed() ? block.put("is_error", true) : block;
  }

  private ObjectNode image(Image image) {
    ObjectNode block = Json.object().put("type", "image");
    ObjectNode source = block.putObject("source");
    if (image.url() != null) {
      source.put("type", "url").put("url", image.url());
      return block;
    }
    if (!IMAGE_TYPES.contains(image.mediaType())) {
      throw pair.refused(image.field(), "send PNG, JPEG, GIF or WebP");
    }
    source.put("type", "base64").put("media_type", image.mediaType()).put("data", image.base64());
    return block;
  }

  private static void tools(ChatRequest request, ObjectNode body) {
    if (!request.tools.isEmpty()) {
      ArrayNode tools = body.putArray("tools");
      for (Tool tool : request.tools) {
        ObjectNode item = tools.addObject().put("name", tool.name());
        if (tool.description() != null) {
          item.put("description", tool.description());
        }
        item.set("input_schema", tool.schema());
        if (tool.strict() != null) {
          item.put("strict", tool.strict());
        }
      }
    }
    choice(request, body);
  }

  /** Anthropic says that calls come one by one as a part of the choice. */
  private static void choice(ChatRequest request, ObjectNode body) {
    ToolChoice choice = request.toolChoice;
    boolean alone = choice.alone() && choice.mode() != Mode.NONE && !request.tools.isEmpty();
    if (choice.mode() == Mode.UNSAID && !alone) {
      return;
    }
    ObjectNode said = body.putObject("tool_choice");
    said.put(
        "type",
        switch (choice.mode()) {
          case UNSAID, AUTO -> "auto";
          case NONE -> "none";
          case ANY -> "any";
          case ONE -> "tool";
        });
    if (choice.mode() == Mode.ONE) {
      said.put("name", choice.name());
    }
    if (alone) {
      said.put("disable_parallel_tool_use", true);
    }
  }

  private void format(ChatRequest.Format format, ObjectNode body) {
    if (format == null) {
      return;
    }
    if (format.schema() == null) {
      throw pair.refused(format.field(), "ask for JSON with a schema");
    }
    ObjectNode said = body.putObject("output_config").putObject("format");
    said.put("type", "json_schema").set("schema", format.schema());
  }
}

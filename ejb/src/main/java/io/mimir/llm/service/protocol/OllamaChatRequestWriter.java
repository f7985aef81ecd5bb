package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.CacheMark;
import io.mimir.llm.service.protocol.ChatRequest.Document;
import io.mimir.llm.service.protocol.ChatRequest.Image;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Thought;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice;
import io.mimir.llm.service.protocol.ChatRequest.ToolResult;
import io.mimir.llm.service.protocol.ChatRequest.Turn;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Asks in Ollama's own chat. */
final class OllamaChatRequestWriter implements RequestWriter {

  private static final Map<Param, String> NAMES =
      Map.of(
          Param.MAX_TOKENS, "num_predict",
          Param.TEMPERATURE, "temperature",
          Param.TOP_P, "top_p",
          Param.TOP_K, "top_k",
          Param.MIN_P, "min_p",
          Param.STOP, "stop",
          Param.SEED, "seed",
          Param.FREQUENCY_PENALTY, "frequency_penalty",
          Param.PRESENCE_PENALTY, "presence_penalty",
          Param.REPEAT_PENALTY, "repeat_penalty");

  private final ProtocolPair pair;

  /** A result names the tool here, which only its call has said. */
  private final Map<String, String> nameByCall = new HashMap<>();

  private boolean optional;

  OllamaChatRequestWriter(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public ObjectNode write(ChatRequest request, UpstreamOptions options) {
    ObjectNode body = Json.object().put("model", options.model());
    ArrayNode messages = body.putArray("messages");
    request.turns.forEach(turn -> turn(turn, messages));
    tools(request, body);
    if (request.format != null) {
      if (request.format.schema() == null) {
        body.put("format", "json");
      } else {
        body.set("format", request.format.schema());
      }
    }
    settings(request, body);
    thinking(request.thinking, options, body);
    if (request.verbosity != null) {
      pair.leaveOut(request.verbosity.field());
    }
    return body.put("stream", request.streamed);
  }

  private void settings(ChatRequest request, ObjectNode body) {
    ObjectNode settings = Json.object();
    request.params.forEach(
        (param, given) -> {
          String name = NAMES.get(param);
          if (name == null) {
            pair.leaveOut(given.field());
          } else {
            settings.set(name, given.value());
          }
        });
    if (!settings.isEmpty()) {
      body.set("options", settings);
    }
  }

  /** A model that cannot think refuses to be asked to; {@code false} is taken by all. */
  private void thinking(Thinking thinking, UpstreamOptions options, ObjectNode body) {
    if (thinking == null) {
      return;
    }
    if (options.isPlain() && !thinking.isOff()) {
      pair.leaveOut(thinking.field());
      return;
    }
    optional = !thinking.isOff();
    body.put("think", optional);
  }

  @Override
  public boolean isOptional() {
    return optional;
  }

  private void turn(Turn turn, ArrayNode messages) {
    StringBuilder text = new StringBuilder();
    ArrayNode images = Json.MAPPER.createArrayNode();
    ArrayNode calls = Json.MAPPER.createArrayNode();
    for (Part part : turn.parts()) {
      if (part instanceof Text said) {
        text.append(text.isEmpty() ? "" : "\n").append(said.text());
      } else if (part instanceof Image image) {
        images.add(base64(image));
      } else if (part instanceof ToolCall call) {
        nameByCall.put(call.id(), call.name());
        ObjectNode function = calls.addObject().put("id", call.id()).putObject("function");
        function.put("name", call.name()).set("arguments", Json.objectIn(call.arguments()));
      } else if (part instanceof ToolResult result) {
        result(result, messages);
      } else {
        leaveOut(part);
      }
    }
    if (text.isEmpty() && images.isEmpty() && calls.isEmpty()) {
      return;
    }
    ObjectNode message = messages.addObject().put("role", roleOf(turn.role()));
    message.put("content", text.toString());
    if (!images.isEmpty()) {
      message.set("images", images);
    }
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
  }

  private void leaveOut(Part part) {
    if (part instanceof Document document) {
      throw pair.refused(document.field(), "send what it says as text, or its pages as images");
    }
    if (part instanceof Thought thought) {
      pair.leaveOut(thought.field());
    } else if (part instanceof CacheMark mark) {
      pair.leaveOut(mark.field());
    }
  }

  private static String roleOf(Role role) {
    return switch (role) {
      case SYSTEM -> "system";
      case USER -> "user";
      case ASSISTANT -> "assistant";
    };
  }

  private String base64(Image image) {
    if (image.base64() == null) {
      throw pair.refused(image.field(), "send the image as base64");
    }
    return image.base64();
  }

  private void result(ToolResult result, ArrayNode messages) {
    StringBuilder text = new StringBuilder(result.failed() ? "Error: " : "");
    ObjectNode message = messages.addObject().put("role", "tool");
    ArrayNode images = Json.MAPPER.createArrayNode();
    for (Part part : result.content()) {
      if (part instanceof Text said) {
        text.append(said.text());
      } else if (part instanceof Image image) {
        images.add(base64(image));
      } else {
        leaveOut(part);
      }
    }
    message.put("content", text.toString()).put("tool_call_id", result.id());
    if (nameByCall.containsKey(result.id())) {
      message.put("tool_name", nameByCall.get(result.id()));
    }
    if (!images.isEmpty()) {
      message.set("images", images);
    }
  }

  /** Ollama has no way of saying which tool is to be called, but that there are none. */
  private void tools(ChatRequest request, ObjectNode body) {
    ToolChoice choice = request.toolChoice;
    if (choice.isRequired()) {
      throw pair.refused("tool_choice", "let the model choose, with auto");
    }
    List<Tool> tools = choice.mode() == ToolChoice.Mode.NONE ? List.of() : request.tools;
    if (tools.isEmpty()) {
      return;
    }
    if (choice.alone()) {
      pair.leaveOut("parallel_tool_calls");
    }
    ArrayNode array = body.putArray("tools");
    for (Tool tool : tools) {
      ObjectNode function = array.addObject().put("type", "function").putObject("function");
      function.put("name", tool.name());
      function.put("description", tool.description() == null ? "" : tool.description());
      function.set("parameters", tool.schema());
      if (tool.cache() != null) {
        pair.leaveOut(tool.field() + ".cache_control");
      }
    }
  }
}

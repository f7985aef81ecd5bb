package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Thought;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import io.mimir.llm.service.protocol.ClientTools.ClientTool;
import io.mimir.llm.service.protocol.ClientTools.Kind;
import java.io.IOException;
import java.util.Map;

/** Makes the items of an answer in OpenAI's responses. */
final class ResponsesItems {

  static final String STATUS = "status";
  static final String IN_PROGRESS = "in_progress";

  private ResponsesItems() {}

  /**
   * A whole item, without a status.
   *
   * @param cut whether the answer was cut, so that a call may be half of one
   * @return null where there is nothing to be told
   * @throws IOException when the arguments of a call with a shape of its own are no JSON object
   */
  static ObjectNode of(Part part, ChatRequest request, boolean cut) throws IOException {
    if (part instanceof Text text) {
      ObjectNode message = message();
      message.withArray("content").add(textPart(text.text()));
      return message;
    }
    if (part instanceof ToolCall call) {
      ClientTool called = request.clientTools.of(call.name());
      return switch (called.kind()) {
        case FUNCTION -> call(called, call.id()).put("arguments", call.arguments());
        case CUSTOM -> call(called, call.id()).put("input", input(call.arguments()));
        default ->
            cut && Json.objectIn(call.arguments()) == null
                ? null
                : shaped(called, call.id(), call.arguments());
      };
    }
    Thought thought = (Thought) part;
    boolean shown = request.thoughtsShown && !thought.text().isEmpty();
    if (!shown && thought.handle() == null) {
      return null;
    }
    ObjectNode reasoning = reasoning();
    if (shown) {
      reasoning.withArray("summary").add(summaryPart(thought.text()));
    }
    return reasoning.put("encrypted_content", thought.handle());
  }

  private static ObjectNode item(String type, String prefix) {
    return Json.object().put("id", GeneratedIds.id(prefix)).put("type", type);
  }

  static ObjectNode message() {
    ObjectNode message = item("message", "msg_").put(STATUS, IN_PROGRESS);
    message.put("role", "assistant").putArray("content");
    return message;
  }

  static ObjectNode textPart(String text) {
    ObjectNode part = Json.object().put("type", "output_text").put("text", text);
    part.putArray("annotations");
    part.putArray("logprobs");
    return part;
  }

  static ObjectNode reasoning() {
    ObjectNode reasoning = item("reasoning", "rs_");
    reasoning.putArray("summary");
    return reasoning;
  }

  static ObjectNode summaryPart(String text) {
    return Json.object().put("type", "summary_text").put("text", text);
  }

  /** A call whose arguments or input come piece by piece, before the first of them. */
  static ObjectNode call(ClientTool tool, String id) {
    boolean custom = tool.kind() == Kind.CUSTOM;
    ObjectNode call = item(custom ? "custom_tool_call" : "function_call", custom ? "ctc_" : "fc_");
    call.put(STATUS, IN_PROGRESS).put("call_id", id).put("name", tool.name());
    if (tool.namespace() != null) {
      call.put("namespace", tool.namespace());
    }
    return call.put(custom ? "input" : "arguments", "");
  }

  /**
   * A call of a tool with a shape of its own, which is told when it is complete.
   *
   * @throws IOException when the arguments are no JSON object
   */
  static ObjectNode shaped(ClientTool tool, String id, String arguments) throws IOException {
    ObjectNode given = ResponseReader.object(arguments);
    return switch (tool.kind()) {
      case LOCAL_SHELL -> {
        ObjectNode call = item("local_shell_call", "lsh_").put("call_id", id);
        ObjectNode action = call.putObject("action").put("type", "exec");
        action.set("command", texts(given.path("command")));
        action.putObject("env");
        copy(given, action, "timeout_ms", "working_directory");
        yield call;
      }
      case SHELL -> {
        ObjectNode call = item("shell_call", "sh_").put("call_id", id);
        ObjectNode action = call.putObject("action");
        action.set("commands", texts(given.path("commands")));
        copy(given, action, "timeout_ms", "max_output_length");
        call.putObject("environment").put("type", "local");
        yield call;
      }
      case APPLY_PATCH -> {
        ObjectNode call = item("apply_patch_call", "apc_").put("call_id", id);
        call.set("operation", given);
        yield call;
      }
      default -> {
        ObjectNode call = item("tool_search_call", "tsc_").put("call_id", id);
        call.put("execution", "client").set("arguments", given);
        yield call;
      }
    };
  }

  /** Some models say one command as a text. */
  private static ArrayNode texts(JsonNode given) {
    ArrayNode texts = Json.MAPPER.createArrayNode();
    if (given.isTextual()) {
      return texts.add("sh").add("-c").add(given.textValue());
    }
    given.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static void copy(ObjectNode from, ObjectNode to, String... names) {
    for (String name : names) {
      to.set(name, from.path(name).isMissingNode() ? null : from.get(name));
    }
  }

  /** The input of a free-form tool, which its function has as one argument. */
  static String input(String arguments) {
    ObjectNode given = Json.objectIn(arguments);
    if (given == null) {
      return arguments;
    }
    if (given.path("input").isTextual()) {
      return given.path("input").textValue();
    }
    for (Map.Entry<String, JsonNode> only : given.properties()) {
      if (given.size() == 1 && only.getValue().isTextual()) {
        // Some models name the one argument after what it holds.
        return only.getValue().textValue();
      }
    }
    return given.isEmpty() ? "" : arguments;
  }
}

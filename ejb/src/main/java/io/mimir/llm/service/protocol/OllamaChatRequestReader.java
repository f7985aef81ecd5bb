package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Thought;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import io.mimir.llm.service.protocol.ChatRequest.ToolResult;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Reads Ollama's chat. Its calls of tools need no identifiers: they are made here, and results find
 * their call by identifier, else by the tool's name, else by order.
 */
final class OllamaChatRequestReader extends OllamaRequestReader {

  /** Calls that wait for their result, oldest first. */
  private final List<ToolCall> waiting = new ArrayList<>();

  private int made;

  OllamaChatRequestReader(ProtocolPair pair) {
    super(pair);
  }

  @Override
  void said(Fields body, ChatRequest request) {
    body.objects("messages").forEach(message -> message(message, request));
    if (request.turns.isEmpty()) {
      throw body.invalid("messages", "must hold something that the user says");
    }
    body.objects("tools").forEach(tool -> request.tools.add(tool(tool)));
  }

  private void message(Fields message, ChatRequest request) {
    List<Part> parts = new ArrayList<>();
    String thought = message.text("thinking");
    String role = message.neededText("role");
    if (thought != null && !thought.isEmpty() && role.equals("assistant")) {
      parts.add(new Thought(message.path("thinking"), thought, null));
    }
    Text.add(parts, message.text("content"));
    images(message, parts);
    switch (role) {
      case "system" -> add(request, message, Role.SYSTEM, parts);
      case "user" -> add(request, message, Role.USER, parts);
      case "assistant" -> {
        waiting.clear();
        for (Fields call : message.objects("tool_calls")) {
          parts.add(call(call));
        }
        add(request, message, Role.ASSISTANT, parts);
      }
      case "tool" -> {
        String id = callOf(message).id();
        add(request, message, Role.USER, List.of(new ToolResult(message.path(), id, parts, false)));
      }
      default -> throw message.invalid("role", "must be system, user, assistant or tool");
    }
    if (!role.equals("assistant")) {
      message.hint("tool_calls");
    }
    if (!role.equals("tool")) {
      message.hint("tool_name", "tool_call_id", "name");
    }
    message.done();
  }

  private ToolCall call(Fields call) {
    Fields function = call.neededObject("function");
    ObjectNode arguments = function.tree("arguments");
    String given = call.text("id");
    var read =
        new ToolCall(
            given == null || given.isEmpty() ? "call_" + ++made : given,
            function.neededText("name"),
            arguments == null ? "{}" : arguments.toString());
    waiting.add(read);
    function.ignore("index", "description").done();
    call.ignore("type", "index").done();
    return read;
  }

  private ToolCall callOf(Fields message) {
    String id = message.text("tool_call_id");
    String name = message.text("tool_name");
    String alias = message.text("name");
    String wanted = name == null ? alias : name;
    for (Iterator<ToolCall> calls = waiting.iterator(); calls.hasNext(); ) {
      ToolCall call = calls.next();
      boolean meant = id != null ? id.equals(call.id()) : isNamed(call, wanted);
      if (meant) {
        calls.remove();
        return call;
      }
    }
    throw message.invalid("tool_name", "must name a call that waits for its result");
  }

  private static boolean isNamed(ToolCall call, String wanted) {
    return wanted == null || wanted.isEmpty() || wanted.equals(call.name());
  }

  private static Tool tool(Fields tool) {
    String type = tool.text("type");
    if (type != null && !type.equals("function")) {
      throw tool.refused("type", "use tools of type function");
    }
    Fields function = tool.neededObject("function");
    var read =
        new Tool(
            tool.path(),
            function.neededText("name"),
            function.text("description"),
            Schemas.orEmpty(function.tree("parameters")),
            null);
    function.ignore("type").done();
    tool.done();
    return read;
  }
}

package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.ChatRequest.Text;
import io.mimir.llm.service.protocol.ChatRequest.Thought;
import io.mimir.llm.service.protocol.ChatRequest.ToolCall;
import io.mimir.llm.service.protocol.ChatRequest.ToolResult;
import io.mimir.llm.service.protocol.ChatRequest.Turn;
import java.util.ArrayList;
import java.util.List;

/** Reads the items of a conversation in OpenAI's responses. */
final class ResponsesInputReader {

  private static final String DIRECT = "{\"type\":\"direct\"}";

  private final ProtocolPair pair;
  private final ChatRequest request;
  private final RecentItems recent;
  private final ResponsesToolReader tools;
  private final ResponsesContentReader content;

  ResponsesInputReader(
      ProtocolPair pair, ChatRequest request, ResponsesToolReader tools, RecentItems recent) {
    this.pair = pair;
    this.request = request;
    this.tools = tools;
    this.recent = recent;
    this.content = new ResponsesContentReader(pair);
  }

  void read(Fields body) {
    JsonNode input = body.take("input");
    if (input == null) {
      throw body.invalid("input", "is missing");
    }
    if (input.isTextual()) {
      List<Part> parts = new ArrayList<>();
      Text.add(parts, input.textValue());
      request.add("input", Role.USER, parts);
    } else {
      body.objects("input").forEach(this::item);
    }
  }

  private void item(Fields item) {
    String type = item.text("type");
    if (type == null) {
      type = item.has("role") ? "message" : "item_reference";
    }
    switch (type) {
      case "message" -> {
        item.ignore("phase");
        request.add(item.path(), role(item), content.read(item, "content"));
      }
      case "reasoning" -> reasoning(item);
      case "function_call" -> {
        String name = ClientTools.functionName(item.text("namespace"), item.neededText("name"));
        call(item, name, Schemas.arguments(item, pair));
        item.ignore("parsed_arguments");
      }
      case "custom_tool_call" -> {
        String name = ClientTools.functionName(item.text("namespace"), item.neededText("name"));
        call(item, name, Json.object().put("input", item.neededText("input")).toString());
      }
      case "function_call_output", "custom_tool_call_output" ->
          result(item, content.read(item, "output"), false);
      case "item_reference" -> {
        referred(item);
        return;
      }
      default -> own(item, type);
    }
    item.hintUnless("caller", DIRECT).ignore("id", "status", "created_by").done();
  }

  private static Role role(Fields item) {
    return switch (item.neededText("role")) {
      case "system", "developer" -> Role.SYSTEM;
      case "user" -> Role.USER;
      case "assistant" -> Role.ASSISTANT;
      default -> throw item.invalid("role", "must be system, user, developer or assistant");
    };
  }

  /** What stands for an item of an answer that was made here not long ago. */
  private void referred(Fields item) {
    String id = item.neededText("id");
    ObjectNode found = recent.find(pair.account(), id);
    if (found == null) {
      throw item.refused(
          "id", "send the item itself, as clients do that are told to say store: false");
    }
    item.done();
    item(new Fields(pair, item.path(), found));
  }

  /** A provider gets back what it has sealed; other thoughts help nobody but who thought them. */
  private void reasoning(Fields item) {
    StringBuilder text = new StringBuilder();
    for (String name : new String[] {"summary", "content"}) {
      for (Fields part : item.objects(name)) {
        text.append(part.neededText("text"));
      }
    }
    String handle = item.text("encrypted_content");
    String field = item.path(handle == null ? "summary" : "encrypted_content");
    if (handle != null || !text.isEmpty()) {
      request.add(
          item.path(), Role.ASSISTANT, List.of(new Thought(field, text.toString(), handle)));
    }
  }

  /** Items of tools with a shape of their own. */
  private void own(Fields item, String type) {
    switch (type) {
      case "local_shell_call" -> {
        ObjectNode action = item.neededTree("action").deepCopy();
        action.remove(List.of("type", "env"));
        call(item, ResponsesToolReader.LOCAL_SHELL, action.toString());
      }
      case "shell_call" -> {
        item.ignore("environment");
        call(item, ResponsesToolReader.SHELL, item.neededTree("action").toString());
      }
      case "apply_patch_call" ->
          call(item, ResponsesToolReader.APPLY_PATCH, item.neededTree("operation").toString());
      case "tool_search_call" -> searched(item);
      case "local_shell_call_output" -> result(item, content.read(item, "output"), false);
      case "shell_call_output" -> {
        item.ignore("max_output_length");
        JsonNode output = item.take("output");
        boolean listed = output != null && output.isArray();
        result(item, listed ? texts(output.toString()) : content.read(item, "output"), false);
      }
      case "apply_patch_call_output" -> {
        String status = item.neededText("status");
        String output = item.text("output");
        result(item, texts(output == null ? status : output), status.equals("failed"));
      }
      case "tool_search_output" -> found(item);
      case "additional_tools" -> {
        item.ignore("role");
        tools.read(item.objects("tools"));
      }
      default -> hosted(item, type);
    }
  }

  private static List<Part> texts(String text) {
    List<Part> parts = new ArrayList<>();
    Text.add(parts, text);
    return parts;
  }

  private void searched(Fields item) {
    JsonNode arguments = item.take("arguments");
    if (isOfServer(item)) {
      return;
    }
    String text = arguments == null ? "{}" : arguments.toString();
    call(item, ResponsesToolReader.TOOL_SEARCH, text);
  }

  private static boolean isOfServer(Fields item) {
    boolean server = !"client".equals(item.text("execution"));
    if (server) {
      item.ignore("call_id").leaveOut("type");
    }
    return server;
  }

  /** From here on the model may call what was found. */
  private void found(Fields item) {
    int before = request.tools.size();
    tools.read(item.objects("tools"));
    if (isOfServer(item)) {
      return;
    }
    StringBuilder text = new StringBuilder();
    for (ChatRequest.Tool tool : request.tools.subList(before, request.tools.size())) {
      text.append(text.isEmpty() ? "These tools can be called now:" : "").append("\n- ");
      text.append(tool.name());
    }
    result(item, texts(text.isEmpty() ? "No other tools were found." : text.toString()), false);
  }

  /** What tools of OpenAI's own leave behind says nothing that the messages do not say. */
  private void hosted(Fields item, String type) {
    boolean known =
        switch (type) {
          case "web_search_call",
              "file_search_call",
              "code_interpreter_call",
              "image_generation_call",
              "computer_call",
              "computer_call_output",
              "mcp_list_tools",
              "mcp_call",
              "mcp_approval_request",
              "mcp_approval_response",
              "program",
              "program_output" ->
              true;
          default -> false;
        };
    if (!known) {
      throw item.refused("type", "send messages, reasoning, calls of tools and their outputs");
    }
    item.ignoreAll().leaveOut(type);
  }

  private void call(Fields item, String function, String arguments) {
    String id = item.neededText("call_id");
    request.add(item.path(), Role.ASSISTANT, List.of(new ToolCall(id, function, arguments)));
  }

  /**
   * A result comes right after what asked for it, whatever was said in between: other protocols
   * want it there.
   */
  private void result(Fields item, List<Part> parts, boolean failed) {
    String id = item.text("call_id");
    id = id == null ? item.neededText("id") : id;
    item.ignore("name", "namespace");
    List<Turn> turns = request.turns;
    int place = turns.size() - 1;
    while (place >= 0 && !asks(turns.get(place), id)) {
      place--;
    }
    if (place < 0) {
      throw item.invalid("call_id", "must name a call that stands before it");
    }
    place++;
    while (place < turns.size() && holdsResults(turns.get(place))) {
      place++;
    }
    List<Part> said = new ArrayList<>();
    said.add(new ToolResult(item.path(), id, parts, failed));
    turns.add(place, new Turn(item.path(), Role.USER, said));
  }

  private static boolean asks(Turn turn, String id) {
    return turn.role() == Role.ASSISTANT
        && turn.parts().stream()
            .anyMatch(part -> part instanceof ToolCall call && call.id().equals(id));
  }

  private static boolean holdsResults(Turn turn) {
    return turn.role() == Role.USER && turn.parts().stream().allMatch(ToolResult.class::isInstance);
  }
}

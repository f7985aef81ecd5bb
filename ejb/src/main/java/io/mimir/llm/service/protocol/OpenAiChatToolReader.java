package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice.Mode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the tools of OpenAI's chat completions, and the functions that came before them. */
final class OpenAiChatToolReader {

  private final ProtocolPair pair;
  private final ChatRequest request;

  /** Tools that OpenAI runs itself. */
  private final List<Fields> hosted = new ArrayList<>();

  OpenAiChatToolReader(ProtocolPair pair, ChatRequest request) {
    this.pair = pair;
    this.request = request;
  }

  void read(Fields body) {
    body.objects("tools").forEach(this::tool);
    for (Fields function : body.objects("functions")) {
      request.hasLegacyFunctions = true;
      function(function, function, null);
    }
    boolean alone = !body.flag("parallel_tool_calls", true);
    ToolChoice choice = body.has("function_call") ? legacyChoice(body) : choice(body);
    request.toolChoice = choice.with(alone);
    body.ignore("function_call", "tool_choice");
    for (Fields tool : hosted) {
      if (choice.mode() == Mode.ANY && request.tools.isEmpty()) {
        throw tool.refused("type", "use tools of your own, or let the model choose");
      }
      tool.leaveOut(tool.neededText("type"));
    }
  }

  private void tool(Fields tool) {
    switch (tool.neededText("type")) {
      case "function" -> {
        Fields function = tool.neededObject("function");
        function(function, tool, tool.tree("cache_control"));
        tool.done();
      }
      case "custom" -> {
        Fields custom = tool.neededObject("custom");
        Fields format = custom.object("format");
        if (format != null && !format.neededText("type").equals("text")) {
          custom.leaveOut("format");
        }
        String name = custom.neededText("name");
        request.tools.add(Tool.freeForm(tool.path(), name, custom.text("description")));
        custom.done();
        tool.done();
      }
      default -> hosted.add(tool);
    }
  }

  private void function(Fields function, Fields tool, ObjectNode cache) {
    request.tools.add(
        new Tool(
            tool.path(),
            function.neededText("name"),
            function.text("description"),
            Schemas.orEmpty(function.tree("parameters")),
            function.said("strict"),
            cache == null ? function.tree("cache_control") : cache,
            false));
    function.ignore("cache_control").done();
  }

  private ToolChoice choice(Fields body) {
    JsonNode choice = body.take("tool_choice");
    if (choice == null) {
      return ToolChoice.UNSAID;
    }
    if (choice.isTextual()) {
      return Schemas.toolChoice(body, choice.textValue());
    }
    Fields named = body.object("tool_choice");
    return switch (named.neededText("type")) {
      case "function" -> one(named.neededObject("function"));
      case "custom" -> one(named.neededObject("custom"));
      case "allowed_tools" -> allowed(named.neededObject("allowed_tools"));
      default -> throw named.refused("type", "name one function, or say auto, required or none");
    };
  }

  private static ToolChoice one(Fields named) {
    ToolChoice choice = new ToolChoice(Mode.ONE, named.neededText("name"), false);
    named.done();
    return choice;
  }

  /** The tools that are not allowed are not told at all. */
  private ToolChoice allowed(Fields allowed) {
    Set<String> names = new HashSet<>();
    for (Fields tool : allowed.objects("tools")) {
      Fields named = tool.object(tool.neededText("type"));
      names.add(named == null ? tool.neededText("name") : named.neededText("name"));
    }
    request.tools.removeIf(tool -> !names.contains(tool.name()));
    ToolChoice choice = Schemas.toolChoice(allowed, allowed.neededText("mode"));
    allowed.done();
    return choice;
  }

  private ToolChoice legacyChoice(Fields body) {
    JsonNode choice = body.take("function_call");
    if (choice.isTextual()) {
      Mode mode = choice.textValue().equals("none") ? Mode.NONE : Mode.AUTO;
      return new ToolChoice(mode, null, false);
    }
    if (!choice.path("name").isTextual()) {
      throw pair.invalid("function_call", "must be auto, none or name a function");
    }
    return new ToolChoice(Mode.ONE, choice.path("name").textValue(), false);
  }
}

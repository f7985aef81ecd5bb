package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Tool;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice.Mode;
import io.mimir.llm.service.protocol.ClientTools.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the tools of OpenAI's responses. Those that the client runs become functions; those that
 * OpenAI runs are left out, which agents offer always, unless one of them has to be called.
 */
final class ResponsesToolReader {

  static final String LOCAL_SHELL = "local_shell";
  static final String SHELL = "shell";
  static final String APPLY_PATCH = "apply_patch";
  static final String TOOL_SEARCH = "tool_search";

  private static final String[] HINTS = {"defer_loading", "output_schema"};

  private final ChatRequest request;
  private final ClientTools known;
  private boolean hosted;

  ResponsesToolReader(ChatRequest request, ClientTools known) {
    this.request = request;
    this.known = known;
  }

  /** Adds the tools of a list, and leaves out those that it has twice. */
  void read(List<Fields> tools) {
    tools.forEach(tool -> read(tool, null));
  }

  private void read(Fields tool, String namespace) {
    String type = tool.neededText("type");
    switch (type) {
      case "function" -> function(tool, namespace);
      case "custom" -> custom(tool, namespace);
      case "namespace" -> {
        String name = tool.neededText("name");
        tool.hint("description");
        tool.objects("tools").forEach(inner -> read(inner, name));
        tool.done();
      }
      case "local_shell" ->
          own(
              tool,
              Kind.LOCAL_SHELL,
              LOCAL_SHELL,
              "Runs a command on the user's machine.",
              shell());
      case "shell" -> shell(tool);
      case "apply_patch" ->
          own(
              tool,
              Kind.APPLY_PATCH,
              APPLY_PATCH,
              "Creates, updates or deletes one file on the user's machine. The diff of an update"
                  + " has the lines around a change, each after a space, those that go after - and"
                  + " those that come after +, below a line @@; that of a new file has + before"
                  + " each line.",
              patch());
      case "tool_search" -> search(tool);
      default -> host(tool, type);
    }
  }

  private void host(Fields tool, String type) {
    hosted = true;
    tool.leaveOut(type);
  }

  private void function(Fields tool, String namespace) {
    tool.hint(HINTS).hintUnless("allowed_callers", "[\"direct\"]");
    String name = known.add(Kind.FUNCTION, namespace, tool.neededText("name"));
    String description = tool.text("description");
    ObjectNode schema = Schemas.orEmpty(tool.tree("parameters"));
    Boolean strict = tool.said("strict");
    if (name != null) {
      request.tools.add(new Tool(tool.path(), name, description, schema, strict));
    }
    tool.done();
  }

  /** Only OpenAI can hold a model to a grammar; other models are told of it. */
  private void custom(Fields tool, String namespace) {
    tool.hint(HINTS).hintUnless("allowed_callers", "[\"direct\"]");
    String name = known.add(Kind.CUSTOM, namespace, tool.neededText("name"));
    String description = tool.text("description");
    StringBuilder text = new StringBuilder(description == null ? "" : description);
    Fields format = tool.object("format");
    if (format != null && format.neededText("type").equals("grammar")) {
      text.append(text.isEmpty() ? "" : "\n\n").append("The input is one text, as this ");
      text.append(format.neededText("syntax")).append(" grammar has it:\n");
      text.append(format.neededText("definition"));
    }
    if (format != null) {
      format.done();
    }
    if (name != null) {
      request.tools.add(Tool.freeForm(tool.path(), name, text.isEmpty() ? null : text.toString()));
    }
    tool.done();
  }

  private void shell(Fields tool) {
    Fields environment = tool.object("environment");
    if (environment != null && !environment.neededText("type").equals("local")) {
      host(tool, SHELL);
      return;
    }
    tool.ignore("environment").hintUnless("allowed_callers", "[\"direct\"]");
    own(tool, Kind.SHELL, SHELL, "Runs commands on the user's machine.", commands());
  }

  /** Tools can be looked for by the client too, which then tells what it found. */
  private void search(Fields tool) {
    if (!"client".equals(tool.text("execution"))) {
      host(tool, TOOL_SEARCH);
      return;
    }
    String description = tool.text("description");
    own(
        tool,
        Kind.TOOL_SEARCH,
        TOOL_SEARCH,
        description == null ? "Looks for more tools." : description,
        Schemas.orEmpty(tool.tree("parameters")));
  }

  private void own(Fields tool, Kind kind, String type, String description, ObjectNode schema) {
    String name = known.add(kind, null, type);
    if (name != null) {
      request.tools.add(new Tool(tool.path(), name, description, schema, null));
    }
    tool.done();
  }

  private static ObjectNode shell() {
    ObjectNode schema = schema("command");
    ObjectNode properties = schema.withObject("/properties");
    texts(properties.putObject("command"), "the program and its arguments");
    properties.putObject("working_directory").put("type", "string");
    properties.putObject("timeout_ms").put("type", "integer");
    return schema;
  }

  private static ObjectNode commands() {
    ObjectNode schema = schema("commands");
    ObjectNode properties = schema.withObject("/properties");
    texts(properties.putObject("commands"), "command lines of a shell");
    properties.putObject("timeout_ms").put("type", "integer");
    properties.putObject("max_output_length").put("type", "integer");
    return schema;
  }

  private static ObjectNode patch() {
    ObjectNode schema = schema("type", "path");
    ObjectNode properties = schema.withObject("/properties");
    ArrayNode types = properties.putObject("type").put("type", "string").putArray("enum");
    types.add("create_file").add("update_file").add("delete_file");
    properties.putObject("path").put("type", "string");
    properties.putObject("diff").put("type", "string");
    return schema;
  }

  private static ObjectNode schema(String... required) {
    ObjectNode schema = Json.object().put("type", "object");
    schema.putObject("properties");
    ArrayNode names = schema.putArray("required");
    for (String name : required) {
      names.add(name);
    }
    return schema.put("additionalProperties", false);
  }

  private static void texts(ObjectNode property, String description) {
    property.put("type", "array").put("description", description);
    property.putObject("items").put("type", "string");
  }

  /** Reads which of the tools may or have to be called; comes after all tools. */
  ToolChoice choice(Fields body) {
    JsonNode choice = body.take("tool_choice");
    if (choice == null) {
      return ToolChoice.UNSAID;
    }
    if (choice.isTextual()) {
      return new ToolChoice(mode(body, "tool_choice", choice.textValue()), null, false);
    }
    Fields named = body.object("tool_choice");
    ToolChoice read =
        named.neededText("type").equals("allowed_tools")
            ? allowed(named)
            : new ToolChoice(Mode.ONE, named(named), false);
    named.done();
    return read;
  }

  private Mode mode(Fields owner, String field, String word) {
    return switch (word) {
      case "auto" -> Mode.AUTO;
      case "none" -> Mode.NONE;
      case "required" -> {
        if (request.tools.isEmpty() && hosted) {
          throw owner.refused(field, "offer tools of your own, or let the model choose");
        }
        yield Mode.ANY;
      }
      default -> throw owner.invalid(field, "must be auto, none, required or a tool");
    };
  }

  /** The function that a choice names. */
  private String named(Fields choice) {
    String type = choice.neededText("type");
    String name =
        switch (type) {
          case "function", "custom" ->
              ClientTools.functionName(choice.text("namespace"), choice.neededText("name"));
          default -> type;
        };
    if (!known.knows(name)) {
      throw choice.refused("type", "name a tool of your own, or say auto, required or none");
    }
    return name;
  }

  /** Only the tools that are allowed are offered. */
  private ToolChoice allowed(Fields choice) {
    Set<String> names = new HashSet<>();
    List<Fields> left = new ArrayList<>();
    for (Fields tool : choice.objects("tools")) {
      String name = tool.text("name");
      String function =
          name == null
              ? tool.neededText("type")
              : ClientTools.functionName(tool.text("namespace"), name);
      if (known.knows(function)) {
        names.add(function);
      } else {
        left.add(tool);
      }
    }
    left.forEach(tool -> tool.leaveOut(tool.neededText("type")));
    request.tools.removeIf(tool -> !names.contains(tool.name()));
    String word = choice.text("mode");
    hosted |= !left.isEmpty();
    return new ToolChoice(mode(choice, "mode", word == null ? "auto" : word), null, false);
  }
}

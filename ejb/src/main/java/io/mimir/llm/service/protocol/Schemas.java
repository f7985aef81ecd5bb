package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Format;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice;
import io.mimir.llm.service.protocol.ChatRequest.ToolChoice.Mode;
import java.util.function.Function;

/** What OpenAI's two protocols say alike about tools. */
final class Schemas {

  private Schemas() {}

  /**
   * A function without parameters takes an empty object, and OpenAI wants every object to have
   * properties. The address of the schema's language is of no use to a model.
   */
  static ObjectNode orEmpty(ObjectNode schema) {
    if (schema == null || schema.isEmpty()) {
      ObjectNode empty = Json.object().put("type", "object");
      empty.putObject("properties");
      return empty;
    }
    boolean bare = schema.path("type").asText("").equals("object") && !schema.has("properties");
    if (!bare && !schema.has("$schema")) {
      return schema;
    }
    ObjectNode full = schema.deepCopy();
    full.remove("$schema");
    if (bare) {
      full.putObject("properties");
    }
    return full;
  }

  /**
   * @param name takes the name out of a choice that names one function
   */
  static ToolChoice toolChoice(Fields body, Function<Fields, String> name) {
    JsonNode choice = body.take("tool_choice");
    if (choice == null) {
      return ToolChoice.UNSAID;
    }
    if (choice.isTextual()) {
      return toolChoice(body, choice.textValue());
    }
    Fields named = body.object("tool_choice");
    if (!named.neededText("type").equals("function")) {
      throw named.refused("type", "name one function, or say auto, required or none");
    }
    String chosen = name.apply(named);
    named.done();
    return new ToolChoice(Mode.ONE, chosen, false);
  }

  /** A choice that is one word. */
  static ToolChoice toolChoice(Fields body, String word) {
    return new ToolChoice(
        switch (word) {
          case "auto" -> Mode.AUTO;
          case "none" -> Mode.NONE;
          case "required" -> Mode.ANY;
          default -> throw body.invalid("tool_choice", "must be auto, none, required or a tool");
        },
        null,
        false);
  }

  /**
   * The arguments of a call that the model made before. What the model wrote wrongly is a text
   * within an object: its client has told it so in the result, and the conversation goes on.
   */
  static String arguments(Fields call, ProtocolPair pair) {
    String arguments = call.text("arguments");
    if (arguments == null || arguments.isBlank()) {
      return "{}";
    }
    if (Json.objectIn(arguments) == null) {
      pair.replace(call.path("arguments"), "text", "send a JSON object");
      return Json.object().put("arguments", arguments).toString();
    }
    return arguments;
  }

  /**
   * What form the answer is to have.
   *
   * @param schema reads the schema out of a form that has one
   */
  static Format form(Fields format, Function<Fields, Format> schema) {
    Format read =
        switch (format.neededText("type")) {
          case "text" -> null;
          case "json_object" -> new Format(format.path(), null, true);
          case "json_schema" -> schema.apply(format);
          default -> throw format.refused("type", "ask for text or json_schema");
        };
    format.done();
    return read;
  }

  /**
   * A schema for the answer. Its name is a label only; what describes it is a part of the schema
   * for others. It is kept to, even where strictness was not asked for.
   */
  static Format format(Fields fields, String field) {
    ObjectNode schema = fields.neededTree("schema");
    boolean strict = fields.flag("strict", false);
    fields.ignore("name");
    String description = fields.text("description");
    if (description != null && !schema.has("description")) {
      schema = schema.deepCopy().put("description", description);
    }
    return new Format(field, schema, strict);
  }
}

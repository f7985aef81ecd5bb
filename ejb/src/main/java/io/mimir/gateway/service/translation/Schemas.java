package io.mimir.gateway.service.translation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.gateway.service.translation.Question.Format;
import io.mimir.gateway.service.translation.Question.ToolChoice;
import io.mimir.gateway.service.translation.Question.ToolChoice.Mode;

/** What OpenAI's two protocols say alike about tools. */
final class Schemas {

  private Schemas() {}

  /** A function without parameters takes an empty object. */
  static ObjectNode orEmpty(ObjectNode schema) {
    if (schema != null && !schema.isEmpty()) {
      return schema;
    }
    ObjectNode empty = Json.object().put("type", "object");
    empty.putObject("properties");
    return empty;
  }

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

  /** The arguments of a call that the model made before. */
  static String arguments(Fields call) {
    String arguments = call.neededText("arguments");
    if (arguments.isBlank()) {
      return "{}";
    }
    if (Json.objectIn(arguments) == null) {
      throw call.invalid("arguments", "must hold a JSON object");
    }
    return arguments;
  }

  /**
   * A schema for the answer. Its name is a label only. It is kept to, even where strictness was not
   * asked for.
   */
  static Format format(Fields fields, String field) {
    ObjectNode schema = fields.neededTree("schema");
    fields.leaveOut("name", "strict");
    if (fields.text("description") != null) {
      throw fields.refused("description", "put it into the schema's own description");
    }
    return new Format(field, schema);
  }
}

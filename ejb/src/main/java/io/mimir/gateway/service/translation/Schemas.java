package io.mimir.gateway.service.translation;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
}

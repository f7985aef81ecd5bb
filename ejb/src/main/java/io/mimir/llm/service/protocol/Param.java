package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;

/** The settings of a question that are plain values, by what they mean. */
enum Param {
  MAX_TOKENS("must be a whole number"),
  TEMPERATURE("must be a number"),
  TOP_P("must be a number"),
  TOP_K("must be a whole number"),
  MIN_P("must be a number"),
  STOP("must be a text or an array of texts"),
  SEED("must be a whole number"),
  FREQUENCY_PENALTY("must be a number"),
  PRESENCE_PENALTY("must be a number"),
  REPEAT_PENALTY("must be a number");

  private final String rule;

  Param(String rule) {
    this.rule = rule;
  }

  /**
   * What the client gave.
   *
   * @param field the name by which the client knows it
   */
  record Given(String field, JsonNode value) {}

  /** Reads this from one of the client's fields; nothing where that is absent. */
  void read(Fields fields, String name, ChatRequest request) {
    JsonNode value = fields.take(name);
    if (value == null) {
      return;
    }
    boolean right =
        switch (this) {
          case MAX_TOKENS, TOP_K, SEED -> value.isNumber() && value.canConvertToExactIntegral();
          case STOP -> value.isTextual() || isTexts(value);
          default -> value.isNumber();
        };
    if (!right) {
      throw fields.invalid(name, rule);
    }
    request.params.put(this, new Given(fields.path(name), this == STOP ? texts(value) : value));
  }

  private static boolean isTexts(JsonNode value) {
    boolean texts = value.isArray();
    for (JsonNode item : value) {
      texts &= item.isTextual();
    }
    return texts;
  }

  private static JsonNode texts(JsonNode value) {
    ArrayNode texts = Json.MAPPER.createArrayNode();
    return value.isArray() ? value : texts.add(value);
  }
}

package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Schemas in the form that providers can hold a model to. */
final class StrictSchema {

  private static final int MAX_DEPTH = 64;

  private StrictSchema() {}

  /** The same schema, with objects closed that were not said to be open. */
  static ObjectNode closed(ObjectNode schema) {
    ObjectNode copy = schema.deepCopy();
    close(copy, 0);
    return copy;
  }

  private static void close(JsonNode node, int depth) {
    if (depth > MAX_DEPTH) {
      return;
    }
    if (node instanceof ObjectNode object && object.path("properties").isObject()) {
      if (!object.has("additionalProperties")) {
        object.put("additionalProperties", false);
      }
    }
    for (JsonNode child : node) {
      close(child, depth + 1);
    }
  }

  /**
   * Whether OpenAI can hold a model to it: every object is closed and wants all of its properties.
   */
  static boolean isStrict(JsonNode schema) {
    return isStrict(schema, 0);
  }

  private static boolean isStrict(JsonNode node, int depth) {
    if (depth > MAX_DEPTH) {
      return false;
    }
    boolean object = node.path("type").isTextual() && node.path("type").asText().equals("object");
    if ((object || node.path("properties").isObject()) && !wantsAll(node)) {
      return false;
    }
    for (Map.Entry<String, JsonNode> child : node.properties()) {
      if (!isStrict(child.getValue(), depth + 1)) {
        return false;
      }
    }
    if (node.isArray()) {
      for (JsonNode item : node) {
        if (!isStrict(item, depth + 1)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean wantsAll(JsonNode object) {
    Set<String> required = new HashSet<>();
    object.path("required").forEach(name -> required.add(name.asText()));
    for (Map.Entry<String, JsonNode> property : object.path("properties").properties()) {
      if (!required.contains(property.getKey())) {
        return false;
      }
    }
    JsonNode others = object.path("additionalProperties");
    return others.isBoolean() && !others.booleanValue();
  }
}

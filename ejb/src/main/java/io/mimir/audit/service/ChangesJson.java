package io.mimir.audit.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.audit.Change;
import java.util.List;

/** Changes as they are stored: a JSON array of {@code {field, old, new}}. */
public final class ChangesJson {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ChangesJson() {}

  /** Writes changes; null for none. */
  static String write(List<Change> changes) {
    if (changes.isEmpty()) {
      return null;
    }
    ArrayNode array = JSON.createArrayNode();
    for (Change change : changes) {
      ObjectNode written = array.addObject();
      written.put("field", change.field());
      written.set("old", JSON.valueToTree(change.old()));
      written.set("new", JSON.valueToTree(change.now()));
    }
    return array.toString();
  }

  /** Reads changes; an empty array for none, and for what was changed outside and is none. */
  public static JsonNode read(String stored) {
    try {
      JsonNode read = stored == null ? null : JSON.readTree(stored);
      return read != null && read.isArray() ? read : JSON.createArrayNode();
    } catch (JsonProcessingException e) {
      // That the event was changed is what a verification tells.
      return JSON.createArrayNode();
    }
  }

  /** Returns what a field of an event became; empty text where it does not tell. */
  static String told(String stored, String field, String side) {
    for (JsonNode change : read(stored)) {
      if (change.path("field").asText().equals(field)) {
        return change.path(side).asText("");
      }
    }
    return "";
  }
}

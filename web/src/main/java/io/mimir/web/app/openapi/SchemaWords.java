package io.mimir.web.app.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.web.Texts;
import io.mimir.web.app.openapi.ApiHelp.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Schemas in a few words, for people. */
final class SchemaWords {

  private final JsonNode document;

  SchemaWords(JsonNode document) {
    this.document = document;
  }

  JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
  }

  /** The members of an object, those that are required first. */
  List<Row> members(JsonNode schema) {
    Set<String> required = new TreeSet<>();
    Map<String, JsonNode> members = new LinkedHashMap<>();
    collect(schema, members, required);
    List<Row> rows = new ArrayList<>();
    for (boolean wanted : new boolean[] {true, false}) {
      members.forEach(
          (name, member) -> {
            if (required.contains(name) == wanted) {
              JsonNode told = member.has("description") ? member : resolved(member);
              rows.add(new Row(name, type(member), wanted, told.path("description").asText()));
            }
          });
    }
    return rows;
  }

  private void collect(JsonNode schema, Map<String, JsonNode> members, Set<String> required) {
    JsonNode whole = resolved(schema);
    whole.path("allOf").forEach(part -> collect(part, members, required));
    whole.path("required").forEach(name -> required.add(name.asText()));
    whole.path("properties").properties().forEach(m -> members.put(m.getKey(), m.getValue()));
  }

  /** The type with its limits. */
  String type(JsonNode schema) {
    if (schema.has("anyOf")) {
      return type(schema.at("/anyOf/0"));
    }
    if (schema.has("$ref") && !resolved(schema).has("enum")) {
      String ref = schema.get("$ref").asText();
      return ref.substring(ref.lastIndexOf('/') + 1);
    }
    JsonNode whole = resolved(schema);
    if (whole.has("enum")) {
      List<String> words = new ArrayList<>();
      whole.get("enum").forEach(word -> words.add(word.asText()));
      return Texts.of("apihelp.type.words", String.join(", ", words));
    }
    if (whole.has("items")) {
      return Texts.of("apihelp.type.list", type(whole.get("items")));
    }
    JsonNode type = whole.path("type");
    String word = type.isArray() ? type.path(0).asText() : type.asText();
    if (word.isEmpty()) {
      return Texts.of("apihelp.type.any");
    }
    return limited(whole.path("format").asText().equals("date-time") ? "date-time" : word, whole);
  }

  private static String limited(String word, JsonNode schema) {
    if (schema.has("minimum") && schema.has("maximum")) {
      return Texts.of(
          "apihelp.type.range", word, number(schema, "minimum"), number(schema, "maximum"));
    }
    if (schema.has("maxLength")) {
      return Texts.of("apihelp.type.chars", word, number(schema, "maxLength"));
    }
    return word;
  }

  private static String number(JsonNode schema, String name) {
    return schema.get(name).asText();
  }
}

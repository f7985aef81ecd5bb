package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.ProblemException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One object of the client's, field by field. It remembers which fields were read, so that none is
 * dropped in silence. A field that is null counts as absent: it says nothing.
 */
final class Fields {

  private final ProtocolPair pair;
  private final String path;
  private final ObjectNode node;
  private final Set<String> seen = new HashSet<>();

  Fields(ProtocolPair pair, ObjectNode node) {
    this(pair, "", node);
  }

  Fields(ProtocolPair pair, String path, ObjectNode node) {
    this.pair = pair;
    this.path = path;
    this.node = node;
  }

  /** Where this object stands in the body; empty for the body itself. */
  String path() {
    return path;
  }

  String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  boolean has(String name) {
    return node.hasNonNull(name);
  }

  /** The field's value as it is, or null. */
  JsonNode take(String name) {
    seen.add(name);
    JsonNode value = node.get(name);
    return value == null || value.isNull() ? null : value;
  }

  /** The field's value as it is, JSON's null where it is absent, which stays to be read. */
  JsonNode peek(String name) {
    JsonNode value = node.get(name);
    return value == null ? NullNode.getInstance() : value;
  }

  /** The field's text, or null. */
  String text(String name) {
    JsonNode value = take(name);
    if (value != null && !value.isTextual()) {
      throw invalid(name, "must be a text");
    }
    return value == null ? null : value.textValue();
  }

  /** The field's text, which has to be there. */
  String neededText(String name) {
    String text = text(name);
    if (text == null) {
      throw invalid(name, "is missing");
    }
    return text;
  }

  boolean flag(String name, boolean otherwise) {
    JsonNode value = take(name);
    if (value != null && !value.isBoolean()) {
      throw invalid(name, "must be true or false");
    }
    return value == null ? otherwise : value.booleanValue();
  }

  /** Whether the field says yes or no; null where it says nothing. */
  Boolean said(String name) {
    return has(name) ? Boolean.valueOf(flag(name, false)) : null;
  }

  /** A JSON object that is carried as it is, such as a schema; or null. */
  ObjectNode tree(String name) {
    JsonNode value = take(name);
    if (value == null || value instanceof ObjectNode) {
      return (ObjectNode) value;
    }
    throw invalid(name, "must be an object");
  }

  /** An object to be read field by field, or null. */
  Fields object(String name) {
    ObjectNode value = tree(name);
    return value == null ? null : new Fields(pair, path(name), value);
  }

  Fields neededObject(String name) {
    Fields object = object(name);
    if (object == null) {
      throw invalid(name, "is missing");
    }
    return object;
  }

  ObjectNode neededTree(String name) {
    ObjectNode tree = tree(name);
    if (tree == null) {
      throw invalid(name, "is missing");
    }
    return tree;
  }

  /** The objects of an array; none where the field is absent. */
  List<Fields> objects(String name) {
    List<Fields> objects = new ArrayList<>();
    for (JsonNode item : array(name)) {
      String place = path(name) + "[" + objects.size() + "]";
      if (!(item instanceof ObjectNode object)) {
        throw pair.invalid(place, "must be an object");
      }
      objects.add(new Fields(pair, place, object));
    }
    return objects;
  }

  /** The texts of an array; none where the field is absent. */
  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : array(name)) {
      if (!item.isTextual()) {
        throw pair.invalid(path(name) + "[" + texts.size() + "]", "must be a text");
      }
      texts.add(item.textValue());
    }
    return texts;
  }

  private Iterable<JsonNode> array(String name) {
    JsonNode value = take(name);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray()) {
      throw invalid(name, "must be an array");
    }
    return value;
  }

  /** Fields that say nothing to a model, such as notes on earlier answers. */
  Fields ignore(String... names) {
    seen.addAll(List.of(names));
    return this;
  }

  /** All that has not been read. */
  Fields ignoreAll() {
    node.fieldNames().forEachRemaining(seen::add);
    return this;
  }

  /** Fields that only help: they are left out, and named unless they are false or empty. */
  Fields hint(String... names) {
    for (String name : names) {
      JsonNode value = take(name);
      if (value != null && !isEmpty(value)) {
        pair.leaveOut(path(name));
      }
    }
    return this;
  }

  /**
   * A field that only helps, and need not be named while it says what holds anyway.
   *
   * @param harmless the values, as JSON, that say nothing
   */
  Fields hintUnless(String name, String... harmless) {
    JsonNode value = take(name);
    if (value != null && !List.of(harmless).contains(value.toString())) {
      pair.leaveOut(path(name));
    }
    return this;
  }

  private static boolean isEmpty(JsonNode value) {
    return value.isContainerNode() && value.isEmpty()
        || value.isTextual() && value.textValue().isEmpty()
        || value.isBoolean() && !value.booleanValue();
  }

  /**
   * A field that can be left out only while it says what holds anyway.
   *
   * @param harmless the values, as JSON, that say nothing
   */
  Fields only(String name, String... harmless) {
    JsonNode value = take(name);
    if (value != null && !List.of(harmless).contains(value.toString())) {
      throw refused(name);
    }
    return this;
  }

  /** Fields that can be left out only while they are empty: no text, no items, no members. */
  Fields onlyEmpty(String... names) {
    for (String name : names) {
      JsonNode value = take(name);
      if (value != null && !isEmpty(value)) {
        throw refused(name);
      }
    }
    return this;
  }

  /** Fields that only the client's protocol has. */
  Fields never(String... names) {
    for (String name : names) {
      if (take(name) != null) {
        throw refused(name);
      }
    }
    return this;
  }

  /**
   * Leaves out what nobody has read, and names it: protocols grow, and their clients send fields
   * that older servers do not know.
   */
  void done() {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (seen.add(field.getKey()) && !field.getValue().isNull()) {
        pair.leaveOut(path(field.getKey()));
      }
    }
  }

  /** Leaves out a field, or what the name stands for, and names it. */
  void leaveOut(String name) {
    seen.add(name);
    pair.leaveOut(path(name));
  }

  ProblemException refused(String name) {
    return pair.refused(path(name));
  }

  ProblemException refused(String name, String instead) {
    return pair.refused(path(name), instead);
  }

  ProblemException invalid(String name, String rule) {
    return pair.invalid(path(name), rule);
  }
}

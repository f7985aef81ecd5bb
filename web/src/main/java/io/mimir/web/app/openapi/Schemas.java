package io.mimir.web.app.openapi;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.Provider;
import io.mimir.security.Secret;
import io.mimir.web.Json;
import java.lang.reflect.InvocationTargetException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Schemas of the records that JSON is read into and written from. Names, types and what is left out
 * are those of Jackson, as the API uses it; words, limits and what may be null come from {@link
 * Descriptions}.
 */
final class Schemas {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String REF = "#/components/schemas/";

  private final Descriptions descriptions;
  private final Map<String, ObjectNode> made = new TreeMap<>();
  private final Map<String, Class<?>> records = new HashMap<>();

  Schemas(Descriptions descriptions) {
    this.descriptions = descriptions;
  }

  /** Returns the schemas that were referred to so far, by name. */
  Map<String, ObjectNode> made() {
    return made;
  }

  /** Keeps a schema that no record has. */
  void put(String name, ObjectNode schema) {
    made.put(name, schema);
  }

  static ObjectNode ref(String name) {
    return NODES.objectNode().put("$ref", REF + name);
  }

  /** The schema of a body that is sent: what it does not name is refused. */
  ObjectNode ofForm(Class<?> form) {
    ObjectNode ref = of(form);
    ObjectNode schema = made.get(name(form));
    schema.remove("required");
    schema.put("additionalProperties", false);
    return ref;
  }

  /** The schema of what an answer holds. */
  ObjectNode of(Class<?> record) {
    String name = name(record);
    Class<?> before = records.putIfAbsent(name, record);
    if (before != null && before != record) {
      throw new IllegalStateException("%s and %s have one name".formatted(before, record));
    }
    if (before == null) {
      ObjectNode schema = NODES.objectNode().put("type", "object");
      made.put(name, schema);
      fill(schema, record, name);
    }
    return ref(name);
  }

  static ObjectNode listOf(ObjectNode items) {
    ObjectNode list = NODES.objectNode().put("type", "array");
    list.set("items", items);
    return list;
  }

  /** The name for clients: with that of the record that it is part of, and without View. */
  private static String name(Class<?> record) {
    String own = record.getSimpleName().replaceFirst("(View|Detail)$", "");
    Class<?> around = record.getEnclosingClass();
    return around == null || around.getSimpleName().endsWith("Resource") ? own : name(around) + own;
  }

  private void fill(ObjectNode schema, Class<?> record, String name) {
    BeanDescription bean = Json.describe(record);
    JsonInclude.Value usual = bean.findPropertyInclusion(JsonInclude.Value.empty());
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = NODES.arrayNode();
    for (BeanPropertyDefinition property : bean.findProperties()) {
      properties.set(property.getName(), member(name, property));
      JsonInclude.Value own = property.findInclusion();
      JsonInclude.Value inclusion = own == null ? usual : usual.withOverrides(own);
      if (inclusion.getValueInclusion() != JsonInclude.Include.NON_NULL) {
        required.add(property.getName());
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
  }

  private ObjectNode member(String record, BeanPropertyDefinition property) {
    JsonNode said = descriptions.member(record, property.getName());
    boolean raw = property.getAccessor().hasAnnotation(JsonRawValue.class);
    ObjectNode schema = raw ? NODES.objectNode() : ofType(property.getPrimaryType());
    said.path("schema").properties().forEach(part -> schema.set(part.getKey(), part.getValue()));
    if (said.has("words")) {
      (schema.has("items") ? (ObjectNode) schema.get("items") : schema)
          .set("enum", words(said.get("words")));
    }
    ObjectNode whole = said.path("null").asBoolean() ? orNull(schema) : schema;
    if (said.has("text")) {
      whole.put("description", said.get("text").asText());
    }
    return whole;
  }

  private static ObjectNode orNull(ObjectNode schema) {
    if (schema.has("$ref") || schema.has("enum")) {
      ObjectNode either = NODES.objectNode();
      either.putArray("anyOf").add(schema).addObject().put("type", "null");
      return either;
    }
    if (schema.has("type")) {
      String type = schema.get("type").asText();
      schema.putArray("type").add(type).add("null");
    }
    return schema;
  }

  ObjectNode ofType(JavaType type) {
    Class<?> raw = type.getRawClass();
    if (Collection.class.isAssignableFrom(raw)) {
      return listOf(ofType(type.getContentType()));
    }
    if (Map.class.isAssignableFrom(raw)) {
      ObjectNode map = NODES.objectNode().put("type", "object");
      map.set("additionalProperties", ofType(type.getContentType()));
      return map;
    }
    if (raw == Provider.class) {
      return provider();
    }
    if (raw.isRecord()) {
      return of(raw);
    }
    return simple(raw);
  }

  private ObjectNode provider() {
    ObjectNode ids = NODES.objectNode().put("type", "string");
    ids.put("description", "The id of a provider, one of GET /api/v1/providers");
    Provider.all().forEach(each -> ids.withArray("enum").add(each.wire()));
    made.put("ProviderId", ids);
    return ref("ProviderId");
  }

  private static ObjectNode simple(Class<?> raw) {
    ObjectNode schema = NODES.objectNode();
    if (raw == String.class) {
      return schema.put("type", "string");
    }
    if (raw == Secret.class) {
      return schema.put("type", "string").put("format", "password").put("writeOnly", true);
    }
    if (raw == Instant.class) {
      return schema.put("type", "string").put("format", "date-time");
    }
    if (raw == boolean.class || raw == Boolean.class) {
      return schema.put("type", "boolean");
    }
    if (raw == int.class || raw == Integer.class) {
      return schema.put("type", "integer").put("format", "int32");
    }
    if (raw == long.class || raw == Long.class) {
      return schema.put("type", "integer").put("format", "int64");
    }
    if (raw.isEnum()) {
      schema.put("type", "string").set("enum", words(raw));
      return schema;
    }
    // Anything that JSON has.
    return schema;
  }

  /** Words that are listed, or those of an enumeration that is named. */
  private static ArrayNode words(JsonNode said) {
    if (said.isArray()) {
      return (ArrayNode) said;
    }
    try {
      return words(Class.forName(said.asText()));
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("There is no enumeration " + said.asText(), e);
    }
  }

  /** As they go over the wire: by the method that says so, or in lower case. */
  private static ArrayNode words(Class<?> enumeration) {
    ArrayNode words = NODES.arrayNode();
    for (Object each : enumeration.getEnumConstants()) {
      words.add(word(each));
    }
    return words;
  }

  private static String word(Object constant) {
    List<String> names = List.of("wire", "code");
    return Arrays.stream(constant.getClass().getMethods())
        .filter(method -> names.contains(method.getName()) && method.getParameterCount() == 0)
        .findFirst()
        .map(
            method -> {
              try {
                return (String) method.invoke(constant);
              } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("A word cannot be read", e);
              }
            })
        .orElseGet(() -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT));
  }
}

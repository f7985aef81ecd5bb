package io.mimir.plugin.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a plugin's configuration may be: JSON Schema 2020-12, and which of its members are secret
 * ({@code "x-secret": true}). Secret members are text, on the top level only, and are kept apart
 * from the others from the moment they come in.
 */
public final class ConfigSchema {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonSchemaFactory FACTORY =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

  /** Members whose own members are names and no keywords (JSON Schema core, 10.2 and 10.3). */
  private static final Set<String> NAMED =
      Set.of("properties", "patternProperties", "$defs", "definitions", "dependentSchemas");

  private static final Collector<CharSequence, ?, String> DOTS = Collectors.joining(".");

  private final JsonNode text;
  private final JsonSchema schema;
  private final Set<String> secrets = new TreeSet<>();

  private ConfigSchema(JsonNode text) {
    this.text = text;
    this.schema =
        FACTORY.getSchema(
            plain(text), SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build());
    for (var property : text.path("properties").properties()) {
      if (property.getValue().path("x-secret").asBoolean(false)) {
        secrets.add(property.getKey());
      }
    }
  }

  /**
   * The schema without what means nothing to a validator. A schema is a stranger's text: one that
   * refers to another document is refused, so that nothing is ever fetched.
   */
  private static JsonNode plain(JsonNode schema) {
    if (schema.isArray()) {
      ArrayNode items = JSON.createArrayNode();
      schema.forEach(item -> items.add(plain(item)));
      return items;
    }
    if (!schema.isObject()) {
      return schema;
    }
    ObjectNode plain = JSON.createObjectNode();
    for (var member : schema.properties()) {
      String name = member.getKey();
      JsonNode value = member.getValue();
      if (name.endsWith("Ref") || name.equals("$ref")) {
        if (!value.asText().startsWith("#")) {
          throw new IllegalArgumentException("A schema refers to itself only");
        }
        plain.set(name, value);
      } else if (NAMED.contains(name) && value.isObject()) {
        ObjectNode named = plain.putObject(name);
        value.properties().forEach(each -> named.set(each.getKey(), plain(each.getValue())));
      } else if (!name.startsWith("x-") && !name.equals("$schema") && !name.equals("$id")) {
        plain.set(name, plain(value));
      }
    }
    return plain;
  }

  /**
   * @param json the schema; null or blank for a plugin that has nothing to configure
   * @throws IllegalArgumentException when it is no JSON object, or refers to another document
   */
  public static ConfigSchema of(String json) {
    try {
      JsonNode tree =
          json == null || json.isBlank()
              ? JSON.createObjectNode().put("type", "object").put("additionalProperties", false)
              : JSON.readTree(json);
      if (!tree.isObject()) {
        throw new IllegalArgumentException("A schema is a JSON object");
      }
      return new ConfigSchema(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("A schema is JSON");
    }
  }

  /** The schema as the plugin gives it. */
  public JsonNode text() {
    return text;
  }

  Set<String> secrets() {
    return secrets;
  }

  /**
   * A configuration, its secrets apart.
   *
   * @param open what may be shown
   * @param secret what may not
   */
  public record Split(ObjectNode open, ObjectNode secret) {

    /** Both together, for the plugin. */
    ObjectNode whole() {
      return open.deepCopy().setAll(secret);
    }
  }

  /**
   * Lays what was sent over what is there: the open part is replaced, a secret that is left out or
   * blank stays as it is, and null removes it.
   *
   * @throws ProblemException REFUSED with every member that is wrong
   */
  public Split lay(ObjectNode sent, Split present) {
    ObjectNode open = JSON.createObjectNode();
    ObjectNode secret = present.secret().deepCopy();
    List<FieldError> wrong = new ArrayList<>();
    for (var member : sent.properties()) {
      String name = member.getKey();
      JsonNode value = member.getValue();
      if (!secrets.contains(name)) {
        open.set(name, value);
      } else if (value.isNull()) {
        secret.remove(name);
      } else if (!value.isTextual()) {
        wrong.add(new FieldError("config." + name, "invalid", "A secret is text"));
      } else if (!value.textValue().isEmpty()) {
        secret.set(name, value);
      }
    }
    Split laid = new Split(open, secret);
    wrong.addAll(errors(laid));
    if (!wrong.isEmpty()) {
      throw ProblemException.of(Problem.REFUSED, wrong);
    }
    return laid;
  }

  /** What is wrong with a configuration, member by member, without a value in any sentence. */
  List<FieldError> errors(Split split) {
    return errors(split.whole(), "config");
  }

  /**
   * What is wrong with any object, member by member, without a value in any sentence.
   *
   * @param field what it is called where it stands; empty when members have no other name than
   *     their own
   */
  public List<FieldError> errors(ObjectNode object, String field) {
    return schema.validate(object).stream()
        .sorted(Comparator.comparing(message -> message.getInstanceLocation().toString()))
        .map(message -> error(message, field))
        .distinct()
        .toList();
  }

  /**
   * A rule that a value breaks.
   *
   * @param pointer the place in the value, as a JSON Pointer; empty for all of it
   * @param rule the keyword of JSON Schema, such as {@code required}
   * @param member the member that is missing or not known; null for other rules
   * @param sentence for people, without a value in it
   */
  public record Violation(String pointer, String rule, String member, String sentence) {}

  /** Every rule that a value breaks, in the order of their places. */
  public List<Violation> violations(JsonNode value) {
    return schema.validate(value).stream()
        .sorted(Comparator.comparing(message -> message.getInstanceLocation().toString()))
        .map(
            message ->
                new Violation(
                    message.getInstanceLocation().toString(),
                    message.getType(),
                    message.getProperty(),
                    error(message, "").message()))
        .distinct()
        .toList();
  }

  private static FieldError error(ValidationMessage message, String field) {
    String pointer =
        message.getInstanceLocation().toString().replaceFirst("^/", "").replace('/', '.');
    String property = message.getProperty();
    String path = pointer.isEmpty() ? property : pointer;
    String sentence =
        switch (message.getType()) {
          case "required" -> "This has to be set";
          case "type" -> "This has to be of type " + typeAt(message);
          case "enum" -> "This has to be one of those that the schema lists";
          case "additionalProperties" -> "The plugin knows no such setting";
          default -> "This breaks the rule \"" + message.getType() + "\" of the schema";
        };
    String code = message.getType().equals("required") ? "missing" : "invalid";
    String name =
        path == null ? field : Stream.of(field, path).filter(part -> !part.isEmpty()).collect(DOTS);
    return new FieldError(name, code, sentence);
  }

  private static String typeAt(ValidationMessage message) {
    return message.getSchemaNode() == null ? "another kind" : message.getSchemaNode().asText();
  }
}

package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.Set;

/**
 * Values as definitions write them. A text with names in it is filled ({@link Texts}); {@code
 * {"$pointer": "/steps/fetch/body"}} takes a whole value (RFC 6901); {@code {"$cel": "…"}} is an
 * expression ({@link Expressions}); {@code {"$literal": …}} stays as it is; everything else stands
 * for itself. Safe for any number of threads.
 */
public final class Values {

  static final String POINTER = "$pointer";
  static final String CEL = "$cel";
  static final String LITERAL = "$literal";

  static final Set<String> MARKS = Set.of(POINTER, CEL, LITERAL);

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Expressions expressions;
  private final Texts texts;

  public Values(Expressions expressions, Texts texts) {
    this.expressions = expressions;
    this.texts = texts;
  }

  /**
   * Gives a value as it is for a step.
   *
   * @param template as the definition has it; null for an empty object
   * @throws ValueException with the name or the expression that leads nowhere
   */
  public JsonNode resolve(JsonNode template, Scope scope) throws ValueException {
    if (template == null) {
      return JSON.objectNode();
    }
    if (template.isTextual()) {
      String text = template.textValue();
      return Texts.isTemplate(text) ? TextNode.valueOf(texts.render(text, scope)) : template;
    }
    if (template.isArray()) {
      ArrayNode array = JSON.arrayNode(template.size());
      for (JsonNode item : template) {
        array.add(resolve(item, scope));
      }
      return array;
    }
    return template.isObject() ? object(template, scope) : template;
  }

  private JsonNode object(JsonNode template, Scope scope) throws ValueException {
    if (template.size() == 1) {
      if (template.has(POINTER)) {
        return at(template.get(POINTER).asText(), scope);
      }
      if (template.has(CEL)) {
        return expressions.value(template.get(CEL).asText(), scope);
      }
      if (template.has(LITERAL)) {
        return template.get(LITERAL);
      }
    }
    ObjectNode object = JSON.objectNode();
    for (Map.Entry<String, JsonNode> member : template.properties()) {
      object.set(member.getKey(), resolve(member.getValue(), scope));
    }
    return object;
  }

  private static JsonNode at(String text, Scope scope) throws ValueException {
    JsonNode value = follow(pointer(text), scope);
    if (value == null || value.isMissingNode()) {
      throw new ValueException(
          "missing_value", "There is nothing at %s: mend the pointer".formatted(text));
    }
    return value;
  }

  /**
   * @throws ValueException bad_pointer
   */
  static JsonPointer pointer(String text) throws ValueException {
    try {
      return JsonPointer.compile(text);
    } catch (IllegalArgumentException e) {
      throw new ValueException(
          "bad_pointer",
          "A pointer begins with / and names what it goes through, such as /steps/fetch/body");
    }
  }

  private static JsonNode follow(JsonPointer pointer, Scope scope) {
    String first = pointer.getMatchingProperty();
    JsonPointer rest = pointer.tail();
    if (first == null || rest == null) {
      return MissingNode.getInstance();
    }
    return switch (first) {
      case "input" -> scope.input().at(rest);
      case "run" -> scope.run().at(rest);
      case "item" -> scope.index() < 0 ? null : scope.item().at(rest);
      case "index" -> scope.index() < 0 ? null : IntNode.valueOf(scope.index()).at(rest);
      case "steps" -> {
        JsonNode step =
            rest.getMatchingProperty() == null ? null : scope.step(rest.getMatchingProperty());
        yield step == null ? null : step.at(rest.tail());
      }
      default -> null;
    };
  }
}

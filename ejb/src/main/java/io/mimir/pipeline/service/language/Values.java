package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Makes values from what a definition says about them. Objects and lists are gone through; in them
 *
 * <ul>
 *   <li>a text with <code>{{</code> in it is Mustache and always gives a text,
 *   <li><code>{"$pointer": "/steps/fetch/body"}</code> is a whole value, as it is,
 *   <li><code>{"$cel": "input.items.size()"}</code> is what the expression gives,
 *   <li><code>{"$literal": …}</code> is what is written there, whatever is in it,
 * </ul>
 *
 * and everything else stands for itself.
 */
public final class Values {

  static final JsonMapper JSON = new JsonMapper();

  static final String POINTER = "$pointer";
  static final String CEL = "$cel";
  static final String LITERAL = "$literal";

  private final Expressions expressions;

  public Values(Expressions expressions) {
    this.expressions = expressions;
  }

  /**
   * Makes a value.
   *
   * @return at most 32 MiB as JSON, 1,000,000 parts and 64 levels. Parts of it may be those of the
   *     scope or the template, so it is not to be changed.
   * @throws ValueException missing for a place that holds nothing, too_large, too_deep, and those
   *     of {@link Expressions#value} and {@link Texts#fill}
   */
  public JsonNode resolve(JsonNode template, Scope scope) throws ValueException {
    return resolve(template, scope, new Bounds(), 0);
  }

  private JsonNode resolve(JsonNode template, Scope scope, Bounds bounds, int depth)
      throws ValueException {
    if (template instanceof ObjectNode object) {
      return object(object, scope, bounds, depth);
    }
    bounds.node(depth);
    if (template.isTextual()) {
      String text = Texts.fill(template.textValue(), scope);
      bounds.text(text);
      return JSON.getNodeFactory().textNode(text);
    }
    if (!template.isArray()) {
      return template;
    }
    ArrayNode list = JSON.createArrayNode();
    for (JsonNode element : template) {
      list.add(resolve(element, scope, bounds, depth + 1));
    }
    return list;
  }

  private JsonNode object(ObjectNode template, Scope scope, Bounds bounds, int depth)
      throws ValueException {
    String special = special(template);
    if (special != null) {
      JsonNode value = special(special, template.get(special), scope);
      bounds.all(value, depth);
      return value;
    }
    bounds.node(depth);
    ObjectNode object = JSON.createObjectNode();
    for (var member : template.properties()) {
      bounds.text(member.getKey());
      object.set(member.getKey(), resolve(member.getValue(), scope, bounds, depth + 1));
    }
    return object;
  }

  /** The only member's name when it begins with a dollar; null for a plain object. */
  static String special(JsonNode object) {
    if (object.size() != 1) {
      return null;
    }
    String name = object.fieldNames().next();
    return name.startsWith("$") ? name : null;
  }

  private JsonNode special(String name, JsonNode value, Scope scope) throws ValueException {
    return switch (name) {
      case POINTER -> at(value.asText(), scope);
      case CEL -> expressions.value(value.asText(), scope);
      case LITERAL -> value;
      default ->
          throw new ValueException(
              "unknown_member",
              "There is no " + Fields.shown(name) + ": known are $pointer, $cel and $literal.");
    };
  }

  private static JsonNode at(String text, Scope scope) throws ValueException {
    JsonPointer pointer = pointer(text);
    JsonNode root = pointer.matches() ? null : root(pointer, scope);
    JsonNode value = root == null ? null : root.at(rest(pointer));
    if (value == null || value.isMissingNode()) {
      throw new ValueException("missing", "There is nothing at " + Fields.shown(text) + ".");
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
          "bad_pointer", "A pointer is written with slashes, such as /steps/fetch/body.");
    }
  }

  private static JsonNode root(JsonPointer pointer, Scope scope) {
    return switch (pointer.getMatchingProperty()) {
      case "input" -> scope.input();
      case "run" -> scope.run();
      case "item" -> scope.item();
      case "index" -> scope.index() < 0 ? null : JSON.getNodeFactory().numberNode(scope.index());
      case "steps" -> step(pointer.tail(), scope);
      default -> null;
    };
  }

  private static JsonNode step(JsonPointer pointer, Scope scope) {
    String name = pointer.matches() ? null : pointer.getMatchingProperty();
    return name != null && scope.steps().contains(name) ? scope.step(name) : null;
  }

  private static JsonPointer rest(JsonPointer pointer) {
    return pointer.getMatchingProperty().equals("steps") ? pointer.tail().tail() : pointer.tail();
  }
}

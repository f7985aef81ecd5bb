package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.FieldError;
import io.mimir.plugin.service.ConfigSchema;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks at the values of one step: the names in them, and whether they can fit a schema. */
final class ValueCheck {

  private static final Set<String> ROOTS = Set.of("input", "steps", "item", "index", "run");

  private final Expressions expressions;
  private final Seen seen;
  private final String base;
  private final String step;
  private final List<Finding> findings;

  /**
   * @param base the place of the step
   * @param step the path of the step; null for none
   */
  ValueCheck(Expressions expressions, Seen seen, String base, String step, List<Finding> findings) {
    this.expressions = expressions;
    this.seen = seen;
    this.base = base;
    this.step = step;
    this.findings = findings;
  }

  private void wrong(String path, String code, String message) {
    findings.add(new Finding(path == null ? base : path, step, code, message));
  }

  /** Looks at a value with all that is in it. */
  void value(JsonNode template, String path) {
    if (template == null) {
      return;
    }
    if (template.isTextual()) {
      text(template.textValue(), path);
    } else if (template.isArray()) {
      for (int i = 0; i < template.size(); i++) {
        value(template.get(i), path + "/" + i);
      }
    } else if (template.has(Values.POINTER)) {
      pointer(template.get(Values.POINTER).asText(), path);
    } else if (template.has(Values.CEL)) {
      expression(template.get(Values.CEL).asText(), path);
    } else if (!template.has(Values.LITERAL)) {
      for (Map.Entry<String, JsonNode> member : template.properties()) {
        value(member.getValue(), path + "/" + member.getKey());
      }
    }
  }

  /** Looks at a text that may have names in it; null is none. */
  void text(String text, String path) {
    if (text == null || !Texts.isTemplate(text)) {
      return;
    }
    try {
      for (String name : Texts.names(text)) {
        String[] parts = name.split("\\.", -1);
        name(parts[0], parts.length > 1 ? parts[1] : null, path);
      }
    } catch (ValueException e) {
      wrong(path, e.code(), e.getMessage());
    }
  }

  void expression(String text, String path) {
    try {
      for (String name : expressions.variables(text)) {
        name(name, null, path);
      }
      for (String name : expressions.stepsNamed(text)) {
        name("steps", name, path);
      }
    } catch (ValueException e) {
      wrong(path, e.code(), e.getMessage());
    }
  }

  private void pointer(String text, String path) {
    try {
      JsonPointer pointer = Values.pointer(text);
      String first = pointer.getMatchingProperty();
      JsonPointer rest = pointer.tail();
      name(first == null ? "" : first, rest == null ? null : rest.getMatchingProperty(), path);
    } catch (ValueException e) {
      wrong(path, e.code(), e.getMessage());
    }
  }

  private void name(String root, String member, String path) {
    if (!ROOTS.contains(root)) {
      wrong(
          path,
          "unknown_name",
          "There is no %s here: a step sees input, steps, item, index and run".formatted(root));
    } else if (root.equals("steps") && member != null && !seen.steps().contains(member)) {
      wrong(path, "unknown_step", unseen(member));
    } else if ((root.equals("item") || root.equals("index")) && !seen.each()) {
      wrong(path, "unknown_name", "%s is there within each only".formatted(root));
    } else if (root.equals("input") && member != null && !seen.inputMayHave(member)) {
      wrong(
          path,
          "unknown_name",
          "The input has no %s: its schema names all that it may have".formatted(member));
    }
  }

  private String unseen(String name) {
    String which =
        seen.steps().isEmpty()
            ? "there is no step before this one"
            : "it sees " + String.join(", ", seen.steps());
    return Nearest.of(name, seen.steps())
        .map(near -> "No step %s comes before this one: do you mean %s?".formatted(name, near))
        .orElse(
            "No step %s comes before this one, in its list or around it: %s"
                .formatted(name, which));
  }

  /**
   * Looks whether a value can fit a schema. What is known only in a run may be anything, except
   * that a text with names in it is always a text.
   */
  void fits(JsonNode template, ObjectNode schema, String path) {
    Set<String> open = new HashSet<>();
    Set<String> texts = new HashSet<>();
    JsonNode sample = sample(template, "", open, texts);
    if (!(sample instanceof ObjectNode object) || open.contains("")) {
      return;
    }
    ConfigSchema compiled;
    try {
      compiled = ConfigSchema.of(schema.toString());
    } catch (RuntimeException e) {
      // A plugin's own mistake; the plugin will say what it wants when it is called.
      return;
    }
    for (FieldError error : compiled.errors(object, "")) {
      String field = error.field() == null ? "" : error.field();
      if (isWithin(field, open) || texts.contains(field) && !isAboutType(error)) {
        continue;
      }
      String at = field.isEmpty() ? path : path + "/" + field.replace('.', '/');
      String said =
          texts.contains(field)
              ? "A text with names in it is a text: take the value as a whole with $pointer or $cel."
                  + " "
              : "";
      wrong(at, error.code(), said + field + ": " + error.message());
    }
  }

  private static boolean isAboutType(FieldError error) {
    return error.message().startsWith("This has to be of type");
  }

  private static boolean isWithin(String field, Set<String> open) {
    for (String one : open) {
      if (field.equals(one) || field.startsWith(one + ".")) {
        return true;
      }
    }
    return false;
  }

  private static JsonNode sample(
      JsonNode template, String at, Set<String> open, Set<String> texts) {
    if (template.isTextual() && Texts.isTemplate(template.textValue())) {
      texts.add(at);
      return template;
    }
    if (template.isArray()) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      for (int i = 0; i < template.size(); i++) {
        array.add(sample(template.get(i), join(at, Integer.toString(i)), open, texts));
      }
      return array;
    }
    if (!template.isObject()) {
      return template;
    }
    if (template.has(Values.LITERAL)) {
      return template.get(Values.LITERAL);
    }
    if (template.has(Values.POINTER) || template.has(Values.CEL)) {
      open.add(at);
      return template;
    }
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> member : template.properties()) {
      object.set(
          member.getKey(), sample(member.getValue(), join(at, member.getKey()), open, texts));
    }
    return object;
  }

  private static String join(String at, String name) {
    return at.isEmpty() ? name : at + "." + name;
  }
}

package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Reads the members of one object of a definition. What is wrong is told and read as if it were not
 * there: nothing is guessed.
 */
final class Fields {

  private final ObjectNode object;
  private final String path;
  private final String step;
  private final List<Finding> findings;

  /**
   * @param path the object's place, as a JSON Pointer
   * @param step the path of the step that it belongs to; null for none
   */
  Fields(ObjectNode object, String path, String step, List<Finding> findings) {
    this.object = object;
    this.path = path;
    this.step = step;
    this.findings = findings;
  }

  /** A member's place, as a JSON Pointer. */
  String at(String name) {
    return pointer(path, name);
  }

  static String pointer(String path, String name) {
    return path + "/" + name.replace("~", "~0").replace("/", "~1");
  }

  String path() {
    return path;
  }

  String step() {
    return step;
  }

  ObjectNode object() {
    return object;
  }

  boolean has(String name) {
    return object.has(name);
  }

  /** Null when it is not there. */
  JsonNode get(String name) {
    return object.get(name);
  }

  void tell(String name, String code, String message) {
    findings.add(new Finding(at(name), step, code, message));
  }

  /** Tells something about the object itself. */
  void tell(String code, String message) {
    findings.add(new Finding(path, step, code, message));
  }

  /**
   * Tells every member that nobody knows.
   *
   * @param of what the object is, such as {@code a step}
   */
  void knowOnly(Collection<String> known, String of) {
    for (var member : object.properties()) {
      String name = member.getKey();
      if (!known.contains(name)) {
        Optional<String> near = Names.nearest(name, known);
        String help =
            near.map(each -> "Did you mean " + each + "?")
                .orElse("Known are " + String.join(", ", known) + ".");
        tell(name, "unknown_member", "There is no " + shown(name) + " in " + of + ". " + help);
      }
    }
  }

  /** Cuts what somebody sent to what fits into a sentence. */
  static String shown(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() > 60 ? line.substring(0, 60) + "…" : line;
  }

  void missing(String name, String what) {
    tell(name, "missing", "This has no " + name + ". Give " + what + ".");
  }

  void wrong(String name, JsonNode value, String wanted) {
    tell(
        name, "wrong_type", shown(name) + " has to be " + wanted + ", and is " + kind(value) + ".");
  }

  static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "a list";
      case STRING -> "a text";
      case BOOLEAN -> value.booleanValue() ? "true" : "false";
      case NUMBER -> value.isIntegralNumber() ? "a whole number" : "a number";
      default -> "null";
    };
  }

  /** A text that is not blank; empty when there is none or it is no text. */
  Optional<String> text(String name) {
    JsonNode value = object.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      wrong(name, value, "a text" + (value.isNumber() ? ": put it in quotes" : ""));
      return Optional.empty();
    }
    if (value.textValue().isBlank()) {
      tell(name, "empty", name + " is empty. Fill it, or leave it out.");
      return Optional.empty();
    }
    return Optional.of(value.textValue());
  }

  /**
   * A text that has to be there.
   *
   * @param what what to give, for the sentence that says that it is missing
   */
  Optional<String> needed(String name, String what) {
    if (!object.has(name)) {
      missing(name, what);
    }
    return text(name);
  }

  /** A whole number within bounds; the other one when there is none or it is wrong. */
  long whole(String name, long least, long most, long otherwise) {
    JsonNode value = object.get(name);
    if (value == null) {
      return otherwise;
    }
    if (!value.isIntegralNumber()) {
      wrong(name, value, "a whole number");
      return otherwise;
    }
    if (!value.canConvertToLong() || value.longValue() < least || value.longValue() > most) {
      tell(name, "out_of_range", name + " has to be from " + least + " to " + most + ".");
      return otherwise;
    }
    return value.longValue();
  }

  /** A duration within bounds; the other one when there is none or it is wrong. */
  Duration duration(String name, Duration least, Duration most, Duration otherwise) {
    JsonNode value = object.get(name);
    if (value == null) {
      return otherwise;
    }
    Optional<Duration> read =
        value.isTextual() ? Durations.read(value.textValue()) : Optional.empty();
    if (read.isEmpty()) {
      wrong(name, value, "a duration in quotes, such as \"90s\", \"10m\", \"1h30m\" or \"500ms\"");
      return otherwise;
    }
    if (read.get().compareTo(least) < 0 || read.get().compareTo(most) > 0) {
      String bounds = "from " + Durations.write(least) + " to " + Durations.write(most);
      tell(name, "out_of_range", name + " has to be " + bounds + ".");
      return otherwise;
    }
    return read.get();
  }

  /** An object; empty when there is none or it is no object. */
  Optional<Fields> object(String name) {
    JsonNode value = object.get(name);
    if (value instanceof ObjectNode inner) {
      return Optional.of(new Fields(inner, at(name), step, findings));
    }
    if (value != null) {
      wrong(name, value, "an object");
    }
    return Optional.empty();
  }

  /** Tells something about an element of a list. */
  void tellOf(String name, int index, String code, String message) {
    findings.add(new Finding(at(name) + "/" + index, step, code, message));
  }

  /** The elements of a list; none when there is none or it is no list. */
  List<JsonNode> elements(String name) {
    List<JsonNode> elements = new ArrayList<>();
    list(name).ifPresent(list -> list.forEach(elements::add));
    return elements;
  }

  /** A list; empty when there is none or it is no list. */
  Optional<ArrayNode> list(String name) {
    JsonNode value = object.get(name);
    if (value instanceof ArrayNode list) {
      return Optional.of(list);
    }
    if (value != null) {
      wrong(name, value, "a list");
    }
    return Optional.empty();
  }
}

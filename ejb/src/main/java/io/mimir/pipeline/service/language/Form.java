package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * An object of a definition being read. What is wrong is told with its place; nothing is guessed: a
 * number in quotes is a text.
 */
final class Form {

  private final ObjectNode json;
  private final String path;
  private final String step;
  private final List<Finding> findings;
  private final TreeSet<String> asked = new TreeSet<>();

  /**
   * @param path of the object, a JSON Pointer
   * @param step the path of the step that it belongs to; null for none
   */
  Form(ObjectNode json, String path, String step, List<Finding> findings) {
    this.json = json;
    this.path = path;
    this.step = step;
    this.findings = findings;
  }

  boolean has(String name) {
    asked.add(name);
    return json.has(name);
  }

  String path(String name) {
    return path + "/" + name.replace("~", "~0").replace("/", "~1");
  }

  void wrong(String name, String code, String message) {
    findings.add(new Finding(name == null ? path : path(name), step, code, message));
  }

  /** Returns a member as it is; null when it is not there. */
  JsonNode any(String name) {
    asked.add(name);
    return json.get(name);
  }

  /** Returns a text; null when it is not there or is none. */
  String text(String name, int longest) {
    JsonNode value = any(name);
    if (value == null) {
      return null;
    }
    if (!value.isTextual()) {
      wrong(name, "wrong_type", "%s is a text: write it in quotes".formatted(name));
      return null;
    }
    if (value.textValue().length() > longest) {
      wrong(name, "too_long", "%s has at most %,d characters".formatted(name, longest));
      return null;
    }
    return value.textValue();
  }

  /** Returns a text that has to be there and not blank; null when it is not. */
  String needed(String name, int longest) {
    String text = text(name, longest);
    if (!json.has(name) || text != null && text.isBlank()) {
      wrong(name, "missing", "%s is missing: every one needs it".formatted(name));
      return null;
    }
    return text;
  }

  String matching(String name, Pattern pattern, String rule) {
    String text = needed(name, 1000);
    if (text != null && !pattern.matcher(text).matches()) {
      wrong(name, "invalid", name + " " + rule);
      return null;
    }
    return text;
  }

  /** Returns one of some words; the usual one when nothing is said. */
  String word(String name, String usual, String... words) {
    String text = text(name, 100);
    if (text == null) {
      return usual;
    }
    if (!Arrays.asList(words).contains(text)) {
      wrong(name, "invalid", "%s is one of %s".formatted(name, String.join(", ", words)));
      return usual;
    }
    return text;
  }

  /** Returns a whole number; null when it is not there or is none in the bounds. */
  Long number(String name, long least, long most) {
    JsonNode value = any(name);
    if (value == null) {
      return null;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < least
        || value.longValue() > most) {
      wrong(name, "invalid", "%s is a whole number from %,d to %,d".formatted(name, least, most));
      return null;
    }
    return value.longValue();
  }

  int number(String name, int least, int most, int usual) {
    Long number = number(name, (long) least, (long) most);
    return number == null ? usual : number.intValue();
  }

  /** Returns a duration; null when it is not there or is none in the bounds. */
  Duration duration(String name, Duration least, Duration most) {
    String text = text(name, 100);
    if (text == null) {
      return null;
    }
    Optional<Duration> read = Durations.read(text);
    if (read.isEmpty()) {
      wrong(name, "invalid", "%s is a duration such as 500ms, 90s, 10m or 1h30m".formatted(name));
      return null;
    }
    if (read.get().compareTo(least) < 0 || read.get().compareTo(most) > 0) {
      wrong(
          name,
          "invalid",
          "%s is from %s to %s".formatted(name, Durations.text(least), Durations.text(most)));
      return null;
    }
    return read.get();
  }

  /** Returns an object; null when it is not there or is none. */
  ObjectNode object(String name) {
    JsonNode value = any(name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof ObjectNode object)) {
      wrong(name, "wrong_type", "%s is an object".formatted(name));
      return null;
    }
    return object;
  }

  Form form(String name) {
    ObjectNode object = object(name);
    return object == null ? null : new Form(object, path(name), step, findings);
  }

  /** Returns a list; null when it is not there or is none. */
  JsonNode list(String name) {
    JsonNode value = any(name);
    if (value == null) {
      return null;
    }
    if (!value.isArray()) {
      wrong(name, "wrong_type", "%s is a list".formatted(name));
      return null;
    }
    return value;
  }

  /** Tells of members that nobody has asked for. */
  void tellUnknown() {
    json.fieldNames()
        .forEachRemaining(
            name -> {
              if (!asked.contains(name)) {
                wrong(
                    name,
                    "unknown_field",
                    Nearest.of(name, asked)
                        .map(near -> "There is no %s here: do you mean %s?".formatted(name, near))
                        .orElse(
                            "There is no %s here: known are %s"
                                .formatted(name, String.join(", ", asked))));
              }
            });
  }
}

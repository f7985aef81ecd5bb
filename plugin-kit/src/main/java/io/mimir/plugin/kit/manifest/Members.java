package io.mimir.plugin.kit.manifest;

import io.mimir.plugin.kit.PlainText;
import io.mimir.plugin.kit.json.Json;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The members of one object of a manifest, read by name; every message begins with the path. */
final class Members {

  private static final String EXTENSION = "x-";
  private static final int LONG_DIGITS = 18;

  private final String path;
  private final Json.Obj object;

  private Members(String path, Json.Obj object) {
    this.path = path;
    this.object = object;
  }

  /**
   * @param path of the object; empty for the manifest itself
   */
  static Members of(String path, Json value) throws ManifestException {
    if (value instanceof Json.Obj object) {
      return new Members(path, object);
    }
    throw new ManifestException(
        (path.isEmpty() ? "The manifest" : path) + " must be an object, not " + value.kind());
  }

  /** Whoever misspells a name shall hear of it. */
  void refuseUnknown(Set<String> known) throws ManifestException {
    for (String name : object.members().keySet()) {
      if (!known.contains(name) && !name.startsWith(EXTENSION)) {
        throw new ManifestException(
            (path.isEmpty() ? "" : path + ": ")
                + PlainText.quoted(name)
                + " is not known; names of your own begin with x-");
      }
      if (!PlainText.isPlain(name)) {
        throw new ManifestException(PlainText.quoted(name) + " is no name");
      }
    }
  }

  /** The names that are nobody's but the author's. */
  List<String> extensions() {
    return object.members().keySet().stream().filter(name -> name.startsWith(EXTENSION)).toList();
  }

  boolean has(String name) {
    return object.members().containsKey(name);
  }

  Json need(String name) throws ManifestException {
    Json value = object.members().get(name);
    if (value == null) {
      throw new ManifestException(at(name) + " is missing");
    }
    return value;
  }

  /** Text of one line. */
  String text(String name, int most) throws ManifestException {
    String text = string(name);
    if (!PlainText.isPlain(text)) {
      throw hidden(name);
    }
    return within(name, text, most);
  }

  /** Text that may have line ends. */
  String lines(String name, int most) throws ManifestException {
    String text = string(name);
    if (!PlainText.isPlainOverLines(text)) {
      throw hidden(name);
    }
    return within(name, text, most);
  }

  private String string(String name) throws ManifestException {
    if (need(name) instanceof Json.Text text) {
      return text.value();
    }
    throw new ManifestException(at(name) + " must be text, not " + need(name).kind());
  }

  private String within(String name, String text, int most) throws ManifestException {
    if (text.codePointCount(0, text.length()) > most) {
      throw new ManifestException(at(name) + " has more than " + most + " characters");
    }
    return text;
  }

  private ManifestException hidden(String name) {
    return new ManifestException(
        at(name) + " has control characters, or ones that turn the direction of writing");
  }

  int number(String name, int least, int most) throws ManifestException {
    if (need(name) instanceof Json.Num number
        && number.digits().length() <= LONG_DIGITS
        && number.digits().matches("-?[0-9]+")) {
      long value = Long.parseLong(number.digits());
      if (value >= least && value <= most) {
        return (int) value;
      }
    }
    throw new ManifestException(at(name) + " must be a whole number from " + least + " to " + most);
  }

  int number(String name, int least, int most, int otherwise) throws ManifestException {
    return has(name) ? number(name, least, most) : otherwise;
  }

  boolean flag(String name) throws ManifestException {
    if (!has(name)) {
      return false;
    }
    if (need(name) instanceof Json.Bool flag) {
      return flag.value();
    }
    throw new ManifestException(at(name) + " must be true or false");
  }

  List<Json> items(String name) throws ManifestException {
    if (need(name) instanceof Json.Arr array) {
      return array.items();
    }
    throw new ManifestException(at(name) + " must be an array, not " + need(name).kind());
  }

  /** A JSON Schema: an object, in which no text hides anything. */
  Optional<Json.Obj> schema(String name) throws ManifestException {
    if (!has(name)) {
      return Optional.empty();
    }
    if (!(need(name) instanceof Json.Obj schema)) {
      throw new ManifestException(
          at(name) + " must be an object (JSON Schema), not " + need(name).kind());
    }
    if (hides(schema)) {
      throw hidden(name);
    }
    return Optional.of(schema);
  }

  private static boolean hides(Json value) {
    if (value instanceof Json.Obj object) {
      return object.members().entrySet().stream()
          .anyMatch(member -> !PlainText.isPlain(member.getKey()) || hides(member.getValue()));
    }
    if (value instanceof Json.Arr array) {
      return array.items().stream().anyMatch(Members::hides);
    }
    return value instanceof Json.Text text && !PlainText.isPlainOverLines(text.value());
  }

  /** How messages call the member. */
  String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}

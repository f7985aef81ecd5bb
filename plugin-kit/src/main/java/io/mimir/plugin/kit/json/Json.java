package io.mimir.plugin.kit.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A JSON value (RFC 8259). Its {@code toString} is the value as JSON, without blanks. */
public sealed interface Json {

  /** What it is, for messages: "an object", "text". */
  String kind();

  /**
   * An object.
   *
   * @param members in the order of the text
   */
  record Obj(Map<String, Json> members) implements Json {

    public Obj {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    public Optional<Json> get(String name) {
      return Optional.ofNullable(members.get(name));
    }

    @Override
    public String kind() {
      return "an object";
    }

    @Override
    public String toString() {
      return members.entrySet().stream()
          .map(member -> Text.quoted(member.getKey()) + ":" + member.getValue())
          .collect(Collectors.joining(",", "{", "}"));
    }
  }

  /** An array. */
  record Arr(List<Json> items) implements Json {

    public Arr {
      items = List.copyOf(items);
    }

    @Override
    public String kind() {
      return "an array";
    }

    @Override
    public String toString() {
      return items.stream().map(Json::toString).collect(Collectors.joining(",", "[", "]"));
    }
  }

  /** A string. */
  record Text(String value) implements Json {

    @Override
    public String kind() {
      return "text";
    }

    @Override
    public String toString() {
      return quoted(value);
    }

    private static String quoted(String value) {
      StringBuilder out = new StringBuilder(value.length() + 2).append('"');
      for (char c : value.toCharArray()) {
        // "<" and the line separators are escaped for whoever puts this into a page.
        if (c < 0x20 || c == 0x7f || c == '<' || c == 0x2028 || c == 0x2029) {
          out.append("\\u%04x".formatted((int) c));
        } else {
          if (c == '"' || c == '\\') {
            out.append('\\');
          }
          out.append(c);
        }
      }
      return out.append('"').toString();
    }
  }

  /**
   * A number.
   *
   * @param digits as they were written: nothing is rounded
   */
  record Num(String digits) implements Json {

    @Override
    public String kind() {
      return "a number";
    }

    @Override
    public String toString() {
      return digits;
    }
  }

  /** True or false. */
  record Bool(boolean value) implements Json {

    @Override
    public String kind() {
      return Boolean.toString(value);
    }

    @Override
    public String toString() {
      return Boolean.toString(value);
    }
  }

  /** The null of JSON. */
  record Null() implements Json {

    @Override
    public String kind() {
      return "null";
    }

    @Override
    public String toString() {
      return "null";
    }
  }
}

package io.mimir.llm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A reader of the JSON that {@code providers.json} uses: objects, arrays, strings, true and false.
 * The domain has no library for it.
 */
final class JsonText {

  private final String text;
  private int at;

  private JsonText(String text) {
    this.text = text;
  }

  /**
   * Reads a whole document.
   *
   * @return maps, lists, strings and booleans
   * @throws IllegalArgumentException naming the place, when it is no such JSON
   */
  static Object read(String text) {
    JsonText reader = new JsonText(text);
    Object value = reader.value();
    if (reader.peek() != 0) {
      throw reader.wrong();
    }
    return value;
  }

  private Object value() {
    return switch (peek()) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      default -> throw wrong();
    };
  }

  private Map<String, Object> object() {
    Map<String, Object> members = new LinkedHashMap<>();
    at++;
    while (peek() != '}') {
      separate(members.isEmpty());
      String name = string();
      expect(':');
      if (members.put(name, value()) != null) {
        throw wrong();
      }
    }
    at++;
    return members;
  }

  private List<Object> array() {
    List<Object> values = new ArrayList<>();
    at++;
    while (peek() != ']') {
      separate(values.isEmpty());
      values.add(value());
    }
    at++;
    return values;
  }

  private void separate(boolean first) {
    if (!first) {
      expect(',');
    }
  }

  private String string() {
    expect('"');
    StringBuilder read = new StringBuilder();
    while (true) {
      char c = next();
      if (c == '"') {
        return read.toString();
      }
      if (c == '\\') {
        c = next();
        if (c != '\\' && c != '"' && c != '/') {
          throw wrong();
        }
      }
      read.append(c);
    }
  }

  private char next() {
    if (at == text.length()) {
      throw wrong();
    }
    return text.charAt(at++);
  }

  private boolean word(String word, boolean meaning) {
    if (!text.startsWith(word, at)) {
      throw wrong();
    }
    at += word.length();
    return meaning;
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw wrong();
    }
    at++;
  }

  /** Returns the next character that is no white space; 0 at the end. */
  private char peek() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at == text.length() ? 0 : text.charAt(at);
  }

  private IllegalArgumentException wrong() {
    return new IllegalArgumentException("No JSON of ours at character " + at);
  }
}

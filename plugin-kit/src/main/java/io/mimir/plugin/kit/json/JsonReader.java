package io.mimir.plugin.kit.json;

import io.mimir.plugin.kit.PlainText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON as RFC 8259 has it and nothing beside it: no comments, no byte order mark, no name
 * twice in an object, no half of a surrogate pair. 64 KiB and 32 levels are the most.
 */
public final class JsonReader {

  /** The most that a text may have, in bytes of UTF-8. */
  public static final int MAX_BYTES = 64 * 1024;

  /** The most objects and arrays inside each other. */
  public static final int MAX_DEPTH = 32;

  private static final int MAX_NUMBER = 64;

  private final String text;
  private int at;

  private JsonReader(String text) {
    this.text = text;
  }

  /**
   * @param utf8 the whole text
   * @throws JsonException when it is not UTF-8 or not JSON, or too much
   */
  public static Json read(byte[] utf8) throws JsonException {
    if (utf8.length > MAX_BYTES) {
      throw new JsonException("It has more than " + MAX_BYTES / 1024 + " KiB");
    }
    try {
      return new JsonReader(
              StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString())
          .whole();
    } catch (CharacterCodingException e) {
      throw new JsonException("It is not UTF-8");
    }
  }

  private Json whole() throws JsonException {
    Json value = value(0);
    skipBlanks();
    if (at < text.length()) {
      throw unexpected("the end");
    }
    return value;
  }

  private Json value(int depth) throws JsonException {
    if (depth > MAX_DEPTH) {
      throw new JsonException("It has more than " + MAX_DEPTH + " levels" + place());
    }
    skipBlanks();
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> new Json.Text(string());
      case 't' -> word("true", new Json.Bool(true));
      case 'f' -> word("false", new Json.Bool(false));
      case 'n' -> word("null", new Json.Null());
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
      default -> throw unexpected("a value");
    };
  }

  private Json object(int depth) throws JsonException {
    Map<String, Json> members = new LinkedHashMap<>();
    at++;
    skipBlanks();
    if (peek() == '}') {
      at++;
      return new Json.Obj(members);
    }
    while (true) {
      skipBlanks();
      if (peek() != '"') {
        throw unexpected("a name in double quotes");
      }
      int start = at;
      String name = string();
      skipBlanks();
      expect(':');
      if (members.containsKey(name)) {
        at = start;
        throw new JsonException(PlainText.quoted(name) + " is there twice" + place());
      }
      members.put(name, value(depth + 1));
      if (endsWith('}')) {
        return new Json.Obj(members);
      }
    }
  }

  private Json array(int depth) throws JsonException {
    List<Json> items = new ArrayList<>();
    at++;
    skipBlanks();
    if (peek() == ']') {
      at++;
      return new Json.Arr(items);
    }
    while (true) {
      items.add(value(depth + 1));
      if (endsWith(']')) {
        return new Json.Arr(items);
      }
    }
  }

  /** Reads a comma, or the bracket that ends it all. */
  private boolean endsWith(char bracket) throws JsonException {
    skipBlanks();
    if (peek() == bracket) {
      at++;
      return true;
    }
    if (peek() != ',') {
      throw unexpected("\",\" or \"" + bracket + "\"");
    }
    at++;
    return false;
  }

  private String string() throws JsonException {
    StringBuilder out = new StringBuilder();
    at++;
    while (true) {
      int c = peek();
      if (c < 0) {
        throw unexpected("the end of a text");
      }
      if (c < 0x20) {
        throw new JsonException("A control character in a text must be escaped" + place());
      }
      at++;
      if (c == '"') {
        return paired(out.toString());
      }
      out.append(c == '\\' ? escaped() : (char) c);
    }
  }

  private char escaped() throws JsonException {
    int c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> (char) c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> {
        at--;
        throw unexpected("an escape of JSON");
      }
    };
  }

  private char unicode() throws JsonException {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int c = peek();
      int digit = c < 0 || c > 'f' ? -1 : Character.digit(c, 16);
      if (digit < 0) {
        throw unexpected("four hexadecimal digits");
      }
      value = value << 4 | digit;
      at++;
    }
    return (char) value;
  }

  private String paired(String value) throws JsonException {
    boolean half =
        value
            .codePoints()
            .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    if (half) {
      throw new JsonException("A text has half of a surrogate pair" + place());
    }
    return value;
  }

  private Json number() throws JsonException {
    int start = at;
    if (peek() == '-') {
      at++;
    }
    if (peek() == '0') {
      at++;
    } else {
      digits();
    }
    if (peek() == '.') {
      at++;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits();
    }
    if (at - start > MAX_NUMBER) {
      throw new JsonException("A number has more than " + MAX_NUMBER + " characters" + place());
    }
    return new Json.Num(text.substring(start, at));
  }

  private void digits() throws JsonException {
    if (peek() < '0' || peek() > '9') {
      throw unexpected("a digit");
    }
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
  }

  private Json word(String word, Json value) throws JsonException {
    if (!text.startsWith(word, at)) {
      throw unexpected("a value");
    }
    at += word.length();
    return value;
  }

  private void expect(char wanted) throws JsonException {
    if (peek() != wanted) {
      throw unexpected("\"" + wanted + "\"");
    }
    at++;
  }

  private void skipBlanks() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
      at++;
    }
  }

  /** The next character, or -1 at the end. */
  private int peek() {
    return at < text.length() ? text.charAt(at) : -1;
  }

  private JsonException unexpected(String wanted) {
    String found =
        at < text.length()
            ? PlainText.quoted(Character.toString(text.codePointAt(at)))
            : "the end of the text";
    return new JsonException("Expected " + wanted + ", found " + found + place());
  }

  private String place() {
    int line = 1;
    int start = 0;
    int end = Math.min(at, text.length());
    for (int i = 0; i < end; i++) {
      if (text.charAt(i) == '\n') {
        line++;
        start = i + 1;
      }
    }
    return " (line " + line + ", column " + (end - start + 1) + ")";
  }
}

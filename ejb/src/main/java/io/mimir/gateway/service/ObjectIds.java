package io.mimir.gateway.service;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Finds the id of what a provider has made in its answer, which may not be there to its end. */
final class ObjectIds {

  /** Ids of providers have some 60 characters at most. */
  private static final int MAX_ID_CHARS = 500;

  private static final JsonFactory JSON = new JsonFactory();

  private ObjectIds() {}

  /** Returns the {@code id} of an object, or null. */
  static String of(byte[] json) {
    try (JsonParser parser = JSON.createParser(json)) {
      return parser.nextToken() == JsonToken.START_OBJECT ? idIn(parser) : null;
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Returns the id of the response that a stream tells of in its first event, or null while it has
   * not come.
   */
  static String ofStream(byte[] events, int length) {
    int from = 0;
    while (from < length && events[from] != '{') {
      from++;
    }
    try (JsonParser parser = JSON.createParser(events, from, length - from)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean response = parser.currentName().equals("response");
        if (parser.nextToken() == JsonToken.START_OBJECT && response) {
          return idIn(parser);
        }
        parser.skipChildren();
      }
      return null;
    } catch (IOException e) {
      return null;
    }
  }

  private static String idIn(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean id = parser.currentName().equals("id");
      if (parser.nextToken() == JsonToken.VALUE_STRING && id) {
        return isId(parser.getText()) ? parser.getText() : null;
      }
      parser.skipChildren();
    }
    return null;
  }

  static boolean isId(String text) {
    return text != null && !text.isEmpty() && text.length() <= MAX_ID_CHARS;
  }
}

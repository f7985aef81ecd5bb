package io.mimir.gateway.service;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * Reads what a conversation begins with, by which its calls are known: the system's prompt, and
 * what comes before the first answer.
 */
final class OpeningReader {

  private final ReferenceReader references;
  private long hash;

  /**
   * @param references gets every token as well
   */
  OpeningReader(ReferenceReader references) {
    this.references = references;
  }

  /** A hash of what has been read; 0 for nothing. */
  long hash() {
    return hash;
  }

  /** Reads messages, of which those up to the first one of a user count. */
  void readMessages(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      read(parser);
      return;
    }
    boolean user = false;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (user || parser.currentToken() != JsonToken.START_OBJECT) {
        references.read(parser);
      } else {
        user = isOfUser(parser);
      }
    }
  }

  private boolean isOfUser(JsonParser parser) throws IOException {
    boolean user = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      boolean role = parser.currentName().equals("role");
      parser.nextToken();
      if (role && parser.currentToken() == JsonToken.VALUE_STRING) {
        user = parser.getText().equals("user");
      } else {
        read(parser);
      }
    }
    return user;
  }

  /**
   * Hashes the texts of a value. Where a cache may end and the like changes from call to call, so
   * only {@code text} and {@code content} count.
   */
  void read(JsonParser parser) throws IOException {
    references.begin();
    references.take(parser, parser.currentToken());
    if (!parser.currentToken().isStructStart()) {
      add(parser);
      return;
    }
    int depth = 1;
    while (depth > 0) {
      JsonToken token = parser.nextToken();
      references.take(parser, token);
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else {
        add(parser);
      }
    }
  }

  private void add(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING && isText(parser.currentName())) {
      // No string is made of it: it may be long.
      hash =
          Conversations.add(
              hash, parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
    }
  }

  private static boolean isText(String name) {
    return name == null
        || switch (name) {
          case "text", "content", "system", "instructions", "input", "prompt" -> true;
          default -> false;
        };
  }
}

package io.mimir.gateway.service;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads what a conversation begins with, by which its calls are known: the system's prompt, and
 * what comes before the first answer.
 */
final class OpeningReader {

  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  /** One in each byte. */
  private static final long ONES = 0x0101010101010101L;

  private final byte[] body;
  private final ReferenceReader references;
  private long hash;

  /**
   * @param body what is read, in UTF-8
   * @param references gets every token as well
   */
  OpeningReader(byte[] body, ReferenceReader references) {
    this.body = body;
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
      // As it stands in the body: to make a text of it takes a multiple of the time, and it may be
      // long. A client writes it alike each time.
      int quote = (int) parser.currentTokenLocation().getByteOffset();
      if (quote >= 0) {
        hash = Conversations.add(hash, body, quote + 1, endOfString(quote + 1));
      }
    }
  }

  /** Where the closing quote stands; the end of the body where there is none. */
  private int endOfString(int from) {
    int at = from;
    while (at < body.length && body[at] != '"') {
      if (at + Long.BYTES <= body.length && isPlain((long) EIGHT.get(body, at))) {
        at += Long.BYTES;
      } else {
        at += body[at] == '\\' ? 2 : 1;
      }
    }
    return Math.min(at, body.length);
  }

  /** Whether none of eight bytes is a quote or a backslash. */
  private static boolean isPlain(long bytes) {
    return (zeros(bytes ^ ONES * '"') | zeros(bytes ^ ONES * '\\')) == 0;
  }

  /** The high bit of each byte that is zero, and of some that follow one. */
  private static long zeros(long bytes) {
    return (bytes - ONES) & ~bytes & ONES << 7;
  }

  private static boolean isText(String name) {
    return name == null
        || switch (name) {
          case "text", "content", "system", "instructions", "input", "prompt" -> true;
          default -> false;
        };
  }
}

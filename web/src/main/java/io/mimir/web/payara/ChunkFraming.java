package io.mimir.web.payara;

import java.nio.ByteBuffer;

/** Follows the chunks of one body (RFC 9112, section 7.1) up to the line of the last, empty one. */
final class ChunkFraming {

  static final RawAnswer CHUNK =
      new RawAnswer(
          "400 Bad Request",
          "malformed",
          "Begin each chunk with its length and CRLF, and end it with CRLF");

  /** Of hex: one more may not fit a length. */
  private static final int MOST_DIGITS = 15;

  /** What may stand beside the length of a chunk, in bytes: nobody uses it. */
  private static final int LONGEST_EXTENSION = 256;

  private enum State {
    SIZE,
    EXTENSION,
    LINE_END,
    DATA,
    DATA_CR,
    DATA_LF,
    AFTER_LAST
  }

  private State state = State.SIZE;

  /** Of the chunk, in bytes, or what is left of it. */
  private long length;

  private int digits;
  private int extension;

  /** A body begins, or a chunk. */
  void begin() {
    length = 0;
    digits = 0;
    extension = 0;
    state = State.SIZE;
  }

  /** Whether the line of the last chunk has been read, and nothing after it. */
  boolean isAfterLast() {
    return state == State.AFTER_LAST;
  }

  /**
   * Reads on, up to the line of the last chunk.
   *
   * @return what the connection is to be ended with; null when all is in order
   */
  RawAnswer read(ByteBuffer bytes) {
    while (bytes.hasRemaining() && state != State.AFTER_LAST) {
      if (state == State.DATA) {
        skip(bytes);
      } else if (!isInOrder(bytes.get() & 0xff)) {
        return CHUNK;
      }
    }
    return null;
  }

  private void skip(ByteBuffer bytes) {
    int some = (int) Math.min(length, bytes.remaining());
    bytes.position(bytes.position() + some);
    length -= some;
    if (length == 0) {
      state = State.DATA_CR;
    }
  }

  private boolean isInOrder(int b) {
    switch (state) {
      case SIZE:
        return isOfSize(b);
      case EXTENSION:
        return isOfExtension(b);
      case LINE_END:
        state = length > 0 ? State.DATA : State.AFTER_LAST;
        return b == '\n';
      case DATA_CR:
        state = State.DATA_LF;
        return b == '\r';
      case DATA_LF:
        begin();
        return b == '\n';
      default:
        throw new IllegalStateException("The data of a chunk is not read byte by byte");
    }
  }

  private boolean isOfSize(int b) {
    int digit = b < 0x80 ? Character.digit(b, 16) : -1;
    if (digit >= 0) {
      length = length * 16 + digit;
      digits++;
      return digits <= MOST_DIGITS;
    }
    if (digits == 0) {
      return false;
    }
    if (b == ';' || b == ' ' || b == '\t') {
      state = State.EXTENSION;
      return true;
    }
    state = State.LINE_END;
    return b == '\r';
  }

  private boolean isOfExtension(int b) {
    if (b == '\r') {
      state = State.LINE_END;
      return true;
    }
    extension++;
    return extension <= LONGEST_EXTENSION && RequestFraming.isText(b);
  }
}

package io.mimir.web.payara;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Follows the bytes of one connection as RFC 9112 has them, beside the server's own reader, which
 * lets more pass: where two readers of one connection disagree about the end of a request, a proxy
 * in front sees other requests than the server does. What the RFC lets a server refuse is refused:
 * header lines without a colon, without a name, folded, or with a space before the colon; two
 * lengths, a length that is no number, a length beside chunks, a coding other than {@code chunked};
 * two Host headers; chunk lines that end in LF alone, and chunks that are longer than they said.
 *
 * <p>Nothing of the body is looked at, and nothing is kept but where it stands. Not for use by more
 * than one thread at a time: pieces of one connection come one after the other.
 */
final class RequestFraming {

  static final RawAnswer LINE =
      new RawAnswer(
          "400 Bad Request",
          "malformed",
          "Write each header on one line: a name, a colon, a value");

  static final RawAnswer PROTOCOL =
      new RawAnswer("400 Bad Request", "malformed", "Speak HTTP/1.1 here");

  /** How a client begins that speaks HTTP/2 without asking (RFC 9113, section 3.4). */
  private static final byte[] HTTP_2 = "PRI * HTTP/2.0".getBytes(StandardCharsets.US_ASCII);

  private enum State {
    BETWEEN,
    EMPTY_LINES,
    REQUEST_LINE,
    LINE_START,
    NAME,
    VALUE,
    LINE_END,
    HEAD_END,
    BODY,
    CHUNKS
  }

  private final FramingHeaders headers = new FramingHeaders();
  private final ChunkFraming chunks = new ChunkFraming();
  private State state = State.BETWEEN;

  /** Whether the lines are those that follow the last chunk. */
  private boolean trailer;

  /** How many letters of the request line are those of the beginning of HTTP/2; or too many. */
  private int ofHttp2;

  /** What is still to come of a body, in bytes. */
  private long left;

  /** Whether the head of a request is due: something has come after the last one, if only CRLF. */
  boolean isHeadDue() {
    return state == State.EMPTY_LINES || isInHead();
  }

  /** Whether the head of a request has begun and is not whole. */
  boolean isInHead() {
    return state.compareTo(State.REQUEST_LINE) >= 0 && state.compareTo(State.HEAD_END) <= 0;
  }

  /** Whether the rest of a body is to come. */
  boolean isInBody() {
    return state == State.BODY || state == State.CHUNKS;
  }

  /**
   * Reads on.
   *
   * @param bytes the next ones of the connection; read to their end
   * @return what the connection is to be ended with; null when all is in order
   */
  RawAnswer read(ByteBuffer bytes) {
    RawAnswer objection = null;
    while (objection == null && bytes.hasRemaining()) {
      objection =
          switch (state) {
            case BODY -> body(bytes);
            case CHUNKS -> chunks(bytes);
            default -> read(bytes.get() & 0xff);
          };
    }
    return objection;
  }

  private RawAnswer body(ByteBuffer bytes) {
    int some = (int) Math.min(left, bytes.remaining());
    bytes.position(bytes.position() + some);
    left -= some;
    if (left == 0) {
      state = State.BETWEEN;
    }
    return null;
  }

  private RawAnswer chunks(ByteBuffer bytes) {
    RawAnswer objection = chunks.read(bytes);
    if (chunks.isAfterLast()) {
      trailer = true;
      state = State.LINE_START;
    }
    return objection;
  }

  private RawAnswer read(int b) {
    return switch (state) {
      case BETWEEN, EMPTY_LINES -> between(b);
      case REQUEST_LINE -> requestLine(b);
      case LINE_START -> lineStart(b);
      case NAME -> name(b);
      case VALUE -> value(b);
      case LINE_END -> lineEnd(b);
      case HEAD_END -> b == '\n' ? headEnd() : LINE;
      case BODY, CHUNKS -> throw new IllegalStateException("A body is not read byte by byte");
    };
  }

  /** Empty lines before a request are passed over (RFC 9112, section 2.2). */
  private RawAnswer between(int b) {
    if (b == '\r' || b == '\n') {
      state = State.EMPTY_LINES;
      return null;
    }
    headers.clear();
    trailer = false;
    ofHttp2 = 0;
    state = State.REQUEST_LINE;
    return requestLine(b);
  }

  /** The server reads it; a LF alone may end a line of a head (the same section). */
  private RawAnswer requestLine(int b) {
    if (b == '\n') {
      state = State.LINE_START;
    } else if (ofHttp2 < HTTP_2.length) {
      ofHttp2 = b == HTTP_2[ofHttp2] ? ofHttp2 + 1 : HTTP_2.length + 1;
      return ofHttp2 == HTTP_2.length ? PROTOCOL : null;
    }
    return null;
  }

  private RawAnswer lineStart(int b) {
    if (b == '\r') {
      state = State.HEAD_END;
      return null;
    }
    if (b == '\n') {
      return trailer ? LINE : headEnd();
    }
    headers.begin();
    state = State.NAME;
    return name(b);
  }

  private RawAnswer name(int b) {
    if (b == ':') {
      state = State.VALUE;
      return trailer ? headers.trailerNamed() : headers.named();
    }
    return isToken(b) ? headers.name(b) : LINE;
  }

  private RawAnswer value(int b) {
    if (b == '\r') {
      state = State.LINE_END;
      return headers.ended();
    }
    if (b == '\n') {
      state = State.LINE_START;
      return trailer ? LINE : headers.ended();
    }
    return isText(b) ? headers.value(b) : LINE;
  }

  private RawAnswer lineEnd(int b) {
    state = State.LINE_START;
    return b == '\n' ? null : LINE;
  }

  private RawAnswer headEnd() {
    if (trailer) {
      state = State.BETWEEN;
    } else if (headers.isChunked()) {
      chunks.begin();
      state = State.CHUNKS;
    } else {
      left = headers.length();
      state = left > 0 ? State.BODY : State.BETWEEN;
    }
    return null;
  }

  /** A letter of a value or of an extension of a chunk (RFC 9110, section 5.5). */
  static boolean isText(int b) {
    return b >= ' ' && b != 0x7f || b == '\t';
  }

  /** A letter of a name (RFC 9110, section 5.6.2). */
  private static boolean isToken(int b) {
    return b >= 'a' && b <= 'z'
        || b >= 'A' && b <= 'Z'
        || b >= '0' && b <= '9'
        || b < 0x80 && "!#$%&'*+-.^_`|~".indexOf(b) >= 0;
  }
}

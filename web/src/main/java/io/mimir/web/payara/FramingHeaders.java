package io.mimir.web.payara;

import java.nio.charset.StandardCharsets;

/**
 * The headers of one request that tell where it ends and for whom it is: Host, Content-Length,
 * Transfer-Encoding. Read letter by letter; no other is looked at.
 */
final class FramingHeaders {

  static final RawAnswer HOST =
      new RawAnswer("400 Bad Request", "malformed", "Send one Host header");
  static final RawAnswer CODING =
      new RawAnswer("400 Bad Request", "malformed", "Send the body as it is, or chunked");
  static final RawAnswer LENGTH =
      new RawAnswer(
          "400 Bad Request", "malformed", "Say the length of the body once, as a number of bytes");

  /** One more may not fit a length. */
  private static final int MOST_DIGITS = 18;

  private static final byte[] CHUNKED = "chunked".getBytes(StandardCharsets.US_ASCII);

  private enum Header {
    OTHER(""),
    HOST("host"),
    LENGTH("content-length"),
    CODING("transfer-encoding");

    private final byte[] name;

    Header(String name) {
      this.name = name.getBytes(StandardCharsets.US_ASCII);
    }
  }

  private static final Header[] HEADERS = Header.values();

  private final byte[] name = new byte[Header.CODING.name.length];
  private int nameLength;
  private Header header = Header.OTHER;

  /** How much of the value of a length or a coding has come, without the spaces around it. */
  private int valueLength;

  private boolean valueEnded;
  private boolean host;
  private boolean chunked;

  /** Of the body, in bytes; negative when none was said. */
  private long length = -1;

  /** Forgets the headers of the request before. */
  void clear() {
    host = false;
    chunked = false;
    length = -1;
  }

  boolean isChunked() {
    return chunked;
  }

  /** Of the body, in bytes; 0 when none was said. */
  long length() {
    return Math.max(length, 0);
  }

  /** A line begins. */
  void begin() {
    nameLength = 0;
    valueLength = 0;
    valueEnded = false;
  }

  /** A letter of the line's name. */
  RawAnswer name(int b) {
    if (nameLength < name.length) {
      name[nameLength] = (byte) small(b);
    }
    nameLength++;
    return null;
  }

  /** The name is whole. */
  RawAnswer named() {
    header = find();
    return switch (header) {
      case OTHER -> trailerNamed();
      case HOST -> {
        boolean second = host;
        host = true;
        yield second ? HOST : null;
      }
      case LENGTH -> {
        boolean second = length >= 0 || chunked;
        length = 0;
        yield second ? LENGTH : null;
      }
      case CODING -> {
        boolean second = chunked;
        chunked = true;
        if (length >= 0) {
          yield LENGTH;
        }
        yield second ? CODING : null;
      }
    };
  }

  /** The name of a line after the last chunk is whole: there none tells anything. */
  RawAnswer trailerNamed() {
    header = Header.OTHER;
    return nameLength == 0 ? RequestFraming.LINE : null;
  }

  private Header find() {
    for (Header each : HEADERS) {
      if (each.name.length == nameLength && matches(each.name)) {
        return each;
      }
    }
    return Header.OTHER;
  }

  private boolean matches(byte[] wanted) {
    for (int i = 0; i < wanted.length; i++) {
      if (name[i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  /** A letter of the line's value. */
  RawAnswer value(int b) {
    if (header == Header.OTHER || header == Header.HOST) {
      return null;
    }
    if (b == ' ' || b == '\t') {
      valueEnded = valueLength > 0;
      return null;
    }
    boolean fits = !valueEnded && (header == Header.LENGTH ? isDigit(b) : isOfChunked(b));
    valueLength++;
    return fits ? null : objection();
  }

  private boolean isDigit(int b) {
    length = length * 10 + b - '0';
    return b >= '0' && b <= '9' && valueLength < MOST_DIGITS;
  }

  private boolean isOfChunked(int b) {
    return valueLength < CHUNKED.length && small(b) == CHUNKED[valueLength];
  }

  /** The line is whole. */
  RawAnswer ended() {
    boolean isWhole =
        switch (header) {
          case LENGTH -> valueLength > 0;
          case CODING -> valueLength == CHUNKED.length;
          default -> true;
        };
    return isWhole ? null : objection();
  }

  private RawAnswer objection() {
    return header == Header.LENGTH ? LENGTH : CODING;
  }

  private static int small(int b) {
    return b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
  }
}

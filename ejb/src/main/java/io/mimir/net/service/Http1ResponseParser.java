package io.mimir.net.service;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.message.BasicHttpResponse;

/**
 * Reads answers in HTTP/1.1 (RFC 9112) as they come, wherever the pieces end. It is strict: where
 * two readers could differ on where an answer ends, it is refused, because the connection is used
 * again for somebody else.
 */
final class Http1ResponseParser {

  private static final int MAX_LINE_BYTES = 16 * 1024;
  private static final int MAX_HEADERS = 100;
  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final int MAX_SIZE_LINE_BYTES = 1024;
  private static final int MAX_TRAILERS = 50;
  private static final int MAX_INTERIM_RESPONSES = 20;

  private static final List<String> KNOWN_NAMES =
      List.of(
          "content-type",
          "Content-Type",
          "content-length",
          "Content-Length",
          "transfer-encoding",
          "Transfer-Encoding",
          "connection",
          "Connection",
          "date",
          "Date",
          "server",
          "Server",
          "x-request-id",
          "request-id",
          "openai-processing-ms");

  /** Takes what was read. */
  interface Sink {

    void head(HttpResponse response) throws IOException;

    /** A piece of the body; the buffer is used again afterwards. */
    void data(ByteBuffer piece) throws IOException;
  }

  private enum State {
    STATUS,
    HEADERS,
    FIXED,
    UNTIL_CLOSED,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILERS,
    COMPLETE
  }

  private final byte[] line = new byte[MAX_LINE_BYTES];
  private int length;
  private int headBytes;
  private State state = State.COMPLETE;
  private HttpResponse response;
  private int headers;
  private int interim;
  private long left;
  private boolean begun;
  private boolean reusable;

  /** Expects the next answer. */
  void begin() {
    state = State.STATUS;
    length = 0;
    headBytes = 0;
    headers = 0;
    interim = 0;
    begun = false;
    reusable = false;
    response = null;
  }

  /** Whether anything of the answer has come. */
  boolean hasBegun() {
    return begun;
  }

  /** Whether the connection can be used again after this answer. */
  boolean isReusable() {
    return reusable && state == State.COMPLETE;
  }

  /**
   * @return whether the answer is complete; what follows it stays in the buffer
   * @throws IOException when it is no answer, or the sink gave up
   */
  boolean feed(ByteBuffer in, Sink sink) throws IOException {
    while (state != State.COMPLETE && in.hasRemaining()) {
      begun = true;
      switch (state) {
        case FIXED -> fixed(in, sink);
        case UNTIL_CLOSED -> sink.data(in);
        case CHUNK -> chunk(in, sink);
        default -> {
          if (line(in)) {
            take(sink);
          }
        }
      }
    }
    return state == State.COMPLETE;
  }

  /**
   * The connection was closed by the other side.
   *
   * @return whether that completes the answer
   */
  boolean closed() {
    if (state == State.UNTIL_CLOSED) {
      state = State.COMPLETE;
      return true;
    }
    return false;
  }

  private void fixed(ByteBuffer in, Sink sink) throws IOException {
    left -= pass(in, left, sink);
    if (left == 0) {
      state = State.COMPLETE;
    }
  }

  private void chunk(ByteBuffer in, Sink sink) throws IOException {
    left -= pass(in, left, sink);
    if (left == 0) {
      state = State.CHUNK_END;
    }
  }

  private static int pass(ByteBuffer in, long most, Sink sink) throws IOException {
    int count = (int) Math.min(most, in.remaining());
    int limit = in.limit();
    in.limit(in.position() + count);
    int end = in.limit();
    sink.data(in);
    in.limit(limit);
    in.position(end);
    return count;
  }

  /** Collects a line up to CRLF, or LF alone in the head, as the RFC allows. */
  private boolean line(ByteBuffer in) throws IOException {
    while (in.hasRemaining()) {
      byte b = in.get();
      if (state == State.STATUS || state == State.HEADERS || state == State.TRAILERS) {
        if (++headBytes > MAX_HEAD_BYTES) {
          throw new MessageConstraintException("The head of the answer is too long");
        }
      }
      if (b == '\n') {
        boolean carriageReturn = length > 0 && line[length - 1] == '\r';
        if (carriageReturn) {
          length--;
        } else if (state == State.CHUNK_SIZE || state == State.CHUNK_END) {
          throw malformed("A chunk does not end with CRLF");
        }
        return true;
      }
      if (length == (state == State.CHUNK_SIZE ? MAX_SIZE_LINE_BYTES : MAX_LINE_BYTES)) {
        throw new MessageConstraintException("A line of the answer's head is too long");
      }
      line[length++] = b;
    }
    return false;
  }

  private void take(Sink sink) throws IOException {
    switch (state) {
      case STATUS -> status();
      case HEADERS -> {
        if (length == 0) {
          headComplete(sink);
        } else {
          header();
        }
      }
      case CHUNK_SIZE -> chunkSize();
      case CHUNK_END -> {
        if (length != 0) {
          throw malformed("A chunk is longer than it says");
        }
        state = State.CHUNK_SIZE;
      }
      case TRAILERS -> {
        if (length == 0) {
          state = State.COMPLETE;
        } else if (++headers > MAX_TRAILERS) {
          throw new MessageConstraintException("Too many trailers");
        }
      }
      default -> throw new IllegalStateException(state.name());
    }
    length = 0;
  }

  private String text(int from, int to) {
    return new String(line, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** The name of a header, which is mostly one of a few: these are not made anew each time. */
  private String name(int end) {
    for (String known : KNOWN_NAMES) {
      if (known.length() == end && isLine(known)) {
        return known;
      }
    }
    return text(0, end);
  }

  private boolean isLine(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (line[i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private void status() throws IOException {
    // "HTTP/1.1 200 OK"; the reason may be missing.
    boolean form =
        length >= 12
            && line[0] == 'H'
            && line[1] == 'T'
            && line[2] == 'T'
            && line[3] == 'P'
            && line[4] == '/'
            && line[5] == '1'
            && line[6] == '.'
            && (line[7] == '0' || line[7] == '1')
            && line[8] == ' '
            && (length == 12 || line[12] == ' ');
    int code = 0;
    for (int i = 9; form && i < 12; i++) {
      form = line[i] >= '0' && line[i] <= '9';
      code = code * 10 + line[i] - '0';
    }
    if (!form || code < 100) {
      throw malformed("The answer does not begin with a status line");
    }
    reusable = line[7] == '1';
    response = new BasicHttpResponse(code);
    response.setVersion(reusable ? HttpVersion.HTTP_1_1 : HttpVersion.HTTP_1_0);
    state = State.HEADERS;
  }

  private void header() throws IOException {
    if (++headers > MAX_HEADERS) {
      throw new MessageConstraintException("The answer has too many headers");
    }
    int colon = 0;
    while (colon < length && line[colon] != ':') {
      if (!isTokenCharacter(line[colon])) {
        throw malformed("A header of the answer has no proper name");
      }
      colon++;
    }
    if (colon == 0 || colon == length) {
      throw malformed("A header of the answer has no proper name");
    }
    int from = colon + 1;
    int to = length;
    while (from < to && (line[from] == ' ' || line[from] == '\t')) {
      from++;
    }
    while (to > from && (line[to - 1] == ' ' || line[to - 1] == '\t')) {
      to--;
    }
    for (int i = from; i < to; i++) {
      if ((line[i] >= 0 && line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f) {
        throw malformed("A header of the answer has control characters");
      }
    }
    response.addHeader(name(colon), text(from, to));
  }

  private static boolean isTokenCharacter(byte b) {
    return b > 0x20 && b < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(b) < 0;
  }

  private void headComplete(Sink sink) throws IOException {
    int code = response.getCode();
    if (code < 200) {
      if (code == 101 || ++interim > MAX_INTERIM_RESPONSES) {
        throw malformed("The answer switches protocols or never begins");
      }
      headers = 0;
      state = State.STATUS;
      return;
    }
    if (says("Connection", "close")) {
      reusable = false;
    }
    frame(code);
    sink.head(response);
  }

  private void frame(int code) throws IOException {
    Header[] encodings = response.getHeaders("Transfer-Encoding");
    Header[] lengths = response.getHeaders("Content-Length");
    if (code == 204 || code == 304) {
      state = State.COMPLETE;
    } else if (encodings.length > 0) {
      if (encodings.length > 1
          || lengths.length > 0
          || !encodings[0].getValue().equalsIgnoreCase("chunked")) {
        throw malformed("The answer does not say clearly where it ends");
      }
      state = State.CHUNK_SIZE;
    } else if (lengths.length > 0) {
      left = contentLength(lengths);
      state = left == 0 ? State.COMPLETE : State.FIXED;
    } else {
      reusable = false;
      state = State.UNTIL_CLOSED;
    }
  }

  private static long contentLength(Header[] lengths) throws IOException {
    String text = lengths[0].getValue();
    for (Header other : lengths) {
      if (!other.getValue().equals(text)) {
        throw malformed("The answer has two lengths");
      }
    }
    if (text.isEmpty() || text.length() > 15) {
      throw malformed("The length of the answer is no number");
    }
    long length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        throw malformed("The length of the answer is no number");
      }
      length = length * 10 + c - '0';
    }
    return length;
  }

  private boolean says(String name, String word) {
    for (Header header : response.getHeaders(name)) {
      for (String part : header.getValue().split(",")) {
        if (part.strip().toLowerCase(Locale.ROOT).equals(word)) {
          return true;
        }
      }
    }
    return false;
  }

  private void chunkSize() throws IOException {
    long size = 0;
    int digits = 0;
    int i = 0;
    for (; i < length; i++) {
      int digit = Character.digit(line[i], 16);
      if (digit < 0) {
        break;
      }
      size = size * 16 + digit;
      if (++digits > 12) {
        throw malformed("A chunk is too long");
      }
    }
    boolean followed = i < length && line[i] != ';' && line[i] != ' ' && line[i] != '\t';
    if (digits == 0 || followed) {
      throw malformed("A chunk does not say how long it is");
    }
    left = size;
    headers = 0;
    state = size == 0 ? State.TRAILERS : State.CHUNK;
  }

  private static IOException malformed(String what) {
    return new IOException(what, new ProtocolException(what));
  }
}

package io.mimir.net.service;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.MessageConstraintException;

/**
 * A reader of answers in HTTP/1.1 (RFC 9112) as they come, wherever the pieces end. It is strict:
 * where two readers could differ on where an answer ends, it is refused, because the connection is
 * used again for somebody else.
 */
final class Http1ResponseParser {

  private static final int MAX_LINE_BYTES = 16 * 1024;
  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final int MAX_SIZE_LINE_BYTES = 1024;
  private static final int MAX_TRAILERS = 50;
  private static final int MAX_INTERIM_RESPONSES = 20;

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
  private final Http1HeadParser head = new Http1HeadParser();
  private int length;
  private int headBytes;
  private State state = State.COMPLETE;
  private HttpResponse response;
  private int trailers;
  private int interim;
  private boolean headOnly;
  private boolean tunnel;
  private long left;
  private boolean begun;
  private boolean reusable;

  /**
   * Expects the next answer.
   *
   * @param headOnly whether HEAD was asked, so that no body follows whatever the head says
   */
  void begin(boolean headOnly) {
    this.headOnly = headOnly;
    this.tunnel = false;
    begin();
  }

  /**
   * Expects the answer to CONNECT: when the proxy agrees, what follows the head is no body but the
   * tunnel itself.
   */
  void beginTunnel() {
    headOnly = false;
    tunnel = true;
    begin();
  }

  private void begin() {
    state = State.STATUS;
    length = 0;
    headBytes = 0;
    interim = 0;
    begun = false;
    reusable = false;
    response = null;
  }

  /** Tells whether anything of the answer has come. */
  boolean hasBegun() {
    return begun;
  }

  /** Tells whether the connection can be used again after this answer. */
  boolean isReusable() {
    return reusable && state == State.COMPLETE;
  }

  /**
   * Reads what has come.
   *
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
   * Notes that the other side closed the connection.
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
          throw Http1HeadParser.malformed("A chunk does not end with CRLF");
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
      case STATUS -> {
        response = head.status(line, length);
        reusable = response.getVersion() == HttpVersion.HTTP_1_1;
        state = State.HEADERS;
      }
      case HEADERS -> {
        if (length == 0) {
          headComplete(sink);
        } else {
          head.header(line, length);
        }
      }
      case CHUNK_SIZE -> chunkSize();
      case CHUNK_END -> {
        if (length != 0) {
          throw Http1HeadParser.malformed("A chunk is longer than it says");
        }
        state = State.CHUNK_SIZE;
      }
      case TRAILERS -> {
        if (length == 0) {
          state = State.COMPLETE;
        } else if (++trailers > MAX_TRAILERS) {
          throw new MessageConstraintException("Too many trailers");
        }
      }
      default -> throw new IllegalStateException(state.name());
    }
    length = 0;
  }

  private void headComplete(Sink sink) throws IOException {
    int code = response.getCode();
    if (code < 200) {
      if (code == 101 || ++interim > MAX_INTERIM_RESPONSES) {
        throw Http1HeadParser.malformed("The answer switches protocols or never begins");
      }
      state = State.STATUS;
      return;
    }
    if (head.says("Connection", "close")) {
      reusable = false;
    }
    frame(code);
    sink.head(response);
  }

  private void frame(int code) throws IOException {
    Header[] encodings = response.getHeaders("Transfer-Encoding");
    Header[] lengths = response.getHeaders("Content-Length");
    if (code == 204 || code == 304 || headOnly || (tunnel && code < 300)) {
      state = State.COMPLETE;
    } else if (encodings.length > 0) {
      if (encodings.length > 1
          || lengths.length > 0
          || !encodings[0].getValue().equalsIgnoreCase("chunked")) {
        throw Http1HeadParser.malformed("The answer does not say clearly where it ends");
      }
      state = State.CHUNK_SIZE;
    } else if (lengths.length > 0) {
      left = Http1HeadParser.contentLength(lengths);
      state = left == 0 ? State.COMPLETE : State.FIXED;
    } else {
      reusable = false;
      state = State.UNTIL_CLOSED;
    }
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
        throw Http1HeadParser.malformed("A chunk is too long");
      }
    }
    boolean followed = i < length && line[i] != ';' && line[i] != ' ' && line[i] != '\t';
    if (digits == 0 || followed) {
      throw Http1HeadParser.malformed("A chunk does not say how long it is");
    }
    left = size;
    trailers = 0;
    state = size == 0 ? State.TRAILERS : State.CHUNK;
  }
}

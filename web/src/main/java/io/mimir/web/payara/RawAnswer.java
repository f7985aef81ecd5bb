package io.mimir.web.payara;

import static java.lang.System.Logger.Level.DEBUG;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * An answer to a request that never became one for a servlet: written to the socket as it is, as
 * far as that takes it at once, and then the connection is closed.
 */
final class RawAnswer {

  private static final System.Logger LOG = System.getLogger(RawAnswer.class.getName());

  private final byte[] bytes;

  /**
   * @param line status and reason, such as {@code 400 Bad Request}
   * @param code the problem's word
   * @param detail a sentence without characters that JSON escapes
   */
  RawAnswer(String line, String code, String detail) {
    int space = line.indexOf(' ');
    String body =
        "{\"type\":\"urn:mimir:problem:%s\",\"title\":\"%s\",\"status\":%s,\"detail\":\"%s\",\"code\":\"%s\"}"
            .formatted(code, line.substring(space + 1), line.substring(0, space), detail, code);
    String head =
        "HTTP/1.1 %s\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            .formatted(line, body.length());
    bytes = (head + body).getBytes(StandardCharsets.US_ASCII);
  }

  void end(Object connection) {
    try {
      SocketChannel channel = (SocketChannel) ClientDisconnects.call(connection, "getChannel");
      channel.write(ByteBuffer.wrap(bytes));
    } catch (IOException | ReflectiveOperationException | RuntimeException e) {
      LOG.log(DEBUG, "The sender left by itself");
    }
    close(connection);
  }

  /** Ends a connection without an answer. */
  static void close(Object connection) {
    try {
      ClientDisconnects.call(connection, "closeSilently");
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.log(DEBUG, "The sender left by itself");
    }
  }
}

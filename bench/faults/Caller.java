import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Asks over one connection that it keeps, one question after the other, as a client with a pool does. Little is done for a question, so that
 * a machine with two cores can ask many.
 */
final class Caller implements Closeable {

  /** What came: the status, 0 where there was no answer in time, and whether the text was in the body. */
  record Answer(int status, boolean right) {}

  private static final String LENGTH = "content-length:";

  private final int port;
  private final byte[] request;
  private final String text;
  private final int patienceMs;
  private Socket socket;
  private InputStream in;

  /**
   * @param text what a right answer has in its body
   */
  Caller(int port, String authorization, String body, String text, int patienceMs) {
    this.port = port;
    this.text = text;
    this.patienceMs = patienceMs;
    request =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost:%d\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(port, authorization, body.length(), body)
            .getBytes(StandardCharsets.US_ASCII);
  }

  Answer ask() {
    try {
      if (socket == null) {
        socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress("127.0.0.1", port), patienceMs);
        socket.setSoTimeout(patienceMs);
        in = new BufferedInputStream(socket.getInputStream());
      }
      socket.getOutputStream().write(request);
      int status = Integer.parseInt(line().split(" ")[1]);
      int length = 0;
      boolean kept = true;
      for (String header = line(); !header.isEmpty(); header = line()) {
        String lower = header.toLowerCase(Locale.ROOT);
        length = lower.startsWith(LENGTH) ? Integer.parseInt(lower.substring(LENGTH.length()).trim()) : length;
        kept &= !lower.equals("connection: close");
      }
      String said = new String(in.readNBytes(length), StandardCharsets.UTF_8);
      if (!kept) {
        close();
      }
      return new Answer(status, status == 200 && said.contains(text));
    } catch (IOException | RuntimeException e) {
      close();
      return new Answer(0, false);
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("The connection ended within an answer");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      // It is of no more use in either case.
    }
    socket = null;
  }
}

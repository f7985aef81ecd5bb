import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Connections of strangers that are open all at once, and what has become of them. */
final class Strangers implements AutoCloseable {

  private final int port;
  private final List<Socket> sockets = new ArrayList<>();
  private Thread dripping;

  Strangers(int port) {
    this.port = port;
  }

  /** So many connections that say this and then nothing more. */
  void still(int count, String text) throws IOException {
    for (int i = 0; i < count; i++) {
      Socket socket = connect();
      sockets.add(socket);
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** The same, and each says a bit more every second, as slowloris does. */
  void dripping(int count, String text, String drop) throws IOException {
    still(count, text);
    byte[] more = drop.getBytes(StandardCharsets.US_ASCII);
    dripping =
        new Thread(
            () -> {
              List<Socket> open = new ArrayList<>(sockets);
              try {
                while (!open.isEmpty()) {
                  Thread.sleep(1_000);
                  open.removeIf(socket -> !write(socket, more));
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    dripping.start();
  }

  private static boolean write(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress("127.0.0.1", port), 10_000);
    return socket;
  }

  /** How many are open still, and how the others ended. */
  Map<String, Integer> ends() throws IOException {
    Map<String, Integer> ends = new TreeMap<>();
    for (Socket socket : sockets) {
      ends.merge(end(socket), 1, Integer::sum);
    }
    return ends;
  }

  private static String end(Socket socket) throws IOException {
    socket.setSoTimeout(1);
    String first = "";
    try {
      InputStream in = socket.getInputStream();
      byte[] answer = in.readNBytes(12);
      first = new String(answer, StandardCharsets.ISO_8859_1).replaceFirst("^HTTP/1.1 ", "");
      return answer.length == 0 ? "closed" : first;
    } catch (SocketTimeoutException e) {
      return "open";
    } catch (IOException e) {
      return "reset";
    }
  }

  /**
   * Connections that are reset, one after the other: before, within and after a request, and with
   * HTTP/2, which is not spoken here.
   *
   * @param authorization of somebody who may ask the gateway
   */
  void reset(int count, long nanos, String authorization) throws IOException, InterruptedException {
    List<byte[]> beginnings = beginnings(authorization);
    long begin = System.nanoTime();
    for (int i = 0; i < count; i++) {
      long left = begin + nanos / count * i - System.nanoTime();
      if (left > 0) {
        TimeUnit.NANOSECONDS.sleep(left);
      }
      try (Socket socket = connect()) {
        // Closing it then sends a reset, and forgets what was not sent.
        socket.setSoLinger(true, 0);
        socket.setTcpNoDelay(true);
        socket.getOutputStream().write(beginnings.get(i % beginnings.size()));
        if (i % 3 == 0) {
          // Let the server read it first.
          Thread.sleep(1);
        }
      }
    }
  }

  private static List<byte[]> beginnings(String authorization) throws IOException {
    String question = Mimir.questionBody(20, true);
    String asked =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            .formatted(authorization, question.length());
    List<byte[]> beginnings = new ArrayList<>();
    for (String text :
        List.of(
            "",
            "G",
            "GET /health/ready HTTP/1.1\r\nHost: loc",
            "GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
            "POST /api/v1/setup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
            asked + question.substring(0, 20),
            asked + question,
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) {
      beginnings.add(text.getBytes(StandardCharsets.US_ASCII));
    }
    beginnings.add(rapidResets());
    return beginnings;
  }

  /** HTTP/2 in clear (RFC 9113): the preface, settings, and streams that are reset at once. */
  private static byte[] rapidResets() throws IOException {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frames.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(frames, 4, 0, 0, new byte[0]);
    for (int stream = 1; stream < 40; stream += 2) {
      // ":method GET", ":scheme http" and ":path /" of the table that both sides know.
      frame(frames, 1, 5, stream, new byte[] {(byte) 0x82, (byte) 0x86, (byte) 0x84});
      frame(frames, 3, 0, stream, new byte[] {0, 0, 0, 8});
    }
    return frames.toByteArray();
  }

  private static void frame(ByteArrayOutputStream out, int type, int flags, int stream, byte[] content) throws IOException {
    out.write(new byte[] {0, 0, (byte) content.length, (byte) type, (byte) flags, 0, 0, 0, (byte) stream});
    out.write(content);
  }

  @Override
  public void close() throws IOException {
    if (dripping != null) {
      dripping.interrupt();
    }
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}

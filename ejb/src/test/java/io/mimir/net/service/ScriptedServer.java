package io.mimir.net.service;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that plays a script on each of its connections, all at the same time. */
final class ScriptedServer implements AutoCloseable {

  private final ServerSocket server;
  private final Script script;
  private final AtomicInteger accepted = new AtomicInteger();
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /** What happens on one connection, which is closed afterwards. */
  interface Script {

    /**
     * @param number of the connection, from 1 on
     */
    void play(Connection connection, int number) throws IOException, InterruptedException;
  }

  /** A connection as the server sees it. */
  final class Connection {

    private final Socket socket;

    private Connection(Socket socket) {
      this.socket = socket;
    }

    Socket socket() {
      return socket;
    }

    /** Reads the head of a request, and its body when that has a length; null at the end. */
    String read() throws IOException {
      String head = readHead();
      if (head != null) {
        for (String line : head.split("\n")) {
          if (line.regionMatches(true, 0, "Content-Length: ", 0, 16)) {
            socket.getInputStream().readNBytes(Integer.parseInt(line.substring(16)));
          }
        }
      }
      return head;
    }

    String readHead() throws IOException {
      InputStream in = socket.getInputStream();
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        int b = in.read();
        if (b < 0) {
          return null;
        }
        head.write(b);
      }
      String text = head.toString(StandardCharsets.ISO_8859_1).replace("\r\n", "\n");
      heads.add(text);
      return text;
    }

    void write(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Makes closing the connection a reset. */
    void resetAtTheEnd() throws IOException {
      socket.setSoLinger(true, 0);
    }
  }

  ScriptedServer(Script script) throws IOException {
    this.script = script;
    server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    run(this::accept);
  }

  static void run(Runnable work) {
    Thread thread = new Thread(work, "scripted-server");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  /** Request lines and headers, one text a request. */
  List<String> heads() {
    return heads;
  }

  int connections() {
    return accepted.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        int number = accepted.incrementAndGet();
        run(() -> play(socket, number));
      } catch (IOException e) {
        // The test is over.
      }
    }
  }

  private void play(Socket socket, int number) {
    try (socket) {
      script.play(new Connection(socket), number);
    } catch (IOException | InterruptedException e) {
      // The client went away, or the test is over.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}

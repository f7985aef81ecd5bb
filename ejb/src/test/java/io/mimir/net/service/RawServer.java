package io.mimir.net.service;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers each connection with whatever a test wants, byte by byte if need be. */
final class RawServer implements AutoCloseable {

  private final ServerSocket server;
  private final Script script;
  private final List<String> heads = new CopyOnWriteArrayList<>();

  /** What to send on a connection, which is closed afterwards. */
  interface Script {
    void play(OutputStream out) throws IOException, InterruptedException;
  }

  RawServer(Script script) throws IOException {
    this.script = script;
    server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    Thread thread = new Thread(this::accept, "raw-server");
    thread.setDaemon(true);
    thread.start();
  }

  static RawServer saying(String answer) throws IOException {
    return new RawServer(out -> out.write(answer.getBytes(StandardCharsets.ISO_8859_1)));
  }

  int port() {
    return server.getLocalPort();
  }

  /** Request lines and headers, one text a request. */
  List<String> heads() {
    return heads;
  }

  private void accept() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        StringBuilder head = new StringBuilder();
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
          head.append(line).append('\n');
        }
        heads.add(head.toString());
        script.play(socket.getOutputStream());
      } catch (IOException | InterruptedException e) {
        // The client went away, or the test is over.
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}

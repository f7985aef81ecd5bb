package io.mimir.chat.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * A provider on a plain socket, which speaks the chat protocols of all four and misbehaves as the
 * model's name says: {@code say} answers {@code Hello}, {@code hold} says {@code Hel} in a stream,
 * or nothing in a whole answer, and goes on when it is released; {@code silent} waits before it
 * says anything; {@code cut} breaks off; {@code garbage} is no LLM API; {@code status-nnn} refuses.
 * A plain socket, because it has to tell when the other side goes away.
 */
final class Upstream implements AutoCloseable {

  /** What a provider that echoes keys would send; it may be seen nowhere. */
  static final String CANARY = "sk-canary-in-an-error-0123456789";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ServerSocket server;
  private final Semaphore releases = new Semaphore(0);
  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<Long> departures = new LinkedBlockingQueue<>();

  /** What arrived; header names in lower case. */
  record Request(String path, Map<String, String> headers, JsonNode body) {}

  Upstream() {
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start("upstream", this::accept);
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  String address() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** Requests that nobody has taken yet, oldest first. */
  BlockingQueue<Request> requests() {
    return requests;
  }

  /** When clients went away while they were kept waiting, by {@link System#nanoTime}. */
  BlockingQueue<Long> departures() {
    return departures;
  }

  /** Lets one answer that is held go on. */
  void release() {
    releases.release();
  }

  /** Forgets what happened before. */
  void reset() {
    requests.clear();
    departures.clear();
    releases.drainPermits();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        start("upstream-call", () -> serve(socket));
      } catch (IOException e) {
        // Closed: the loop ends.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Request request = read(socket.getInputStream());
      requests.add(request);
      new Call(socket, request).answer();
    } catch (IOException e) {
      // The other side has gone; a test that cares finds it among the departures.
    }
  }

  private static Request read(InputStream in) throws IOException {
    String first = line(in);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(java.util.Locale.ROOT),
          line.substring(colon + 1).strip());
    }
    byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    return new Request(first.split(" ")[1], headers, JSON.readTree(body));
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("The request broke off");
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(UTF_8);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  private final class Call {

    private final Socket socket;
    private final OutputStream out;
    private final String path;
    private final String model;
    private final boolean streamed;

    Call(Socket socket, Request request) throws IOException {
      this.socket = socket;
      this.out = socket.getOutputStream();
      this.path = request.path();
      this.model = request.body().path("model").asText();
      this.streamed = request.body().path("stream").asBoolean(path.equals("/api/chat"));
    }

    void answer() throws IOException {
      if (model.startsWith("status-")) {
        String error = "{\"error\":{\"message\":\"%s\"}}".formatted(CANARY);
        head(Integer.parseInt(model.substring(7)), "application/json", "Retry-After: 7\r\n");
        write(error);
        return;
      }
      if (model.equals("garbage")) {
        head(200, "text/html", "");
        write("<html>" + CANARY + "</html>");
        return;
      }
      if (model.equals("silent") && isGoneBeforeRelease()) {
        return;
      }
      if (streamed) {
        stream();
      } else if (!model.equals("hold") || !isGoneBeforeRelease()) {
        head(200, "application/json", "");
        write(whole());
      }
    }

    private void stream() throws IOException {
      head(200, isOllama() ? "application/x-ndjson" : "text/event-stream", "");
      if (isAnthropic()) {
        write(
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"%s-1\",\"usage\":{\"input_tokens\":3}}}\n\n"
                .formatted(model));
      }
      write(delta("Hel"));
      if (model.equals("cut") || (model.equals("hold") && isGoneBeforeRelease())) {
        return;
      }
      write(delta("lo"));
      write(end());
    }

    private boolean isGoneBeforeRelease() throws IOException {
      socket.setSoTimeout(20);
      while (!releases.tryAcquire()) {
        try {
          if (socket.getInputStream().read() < 0) {
            departures.add(System.nanoTime());
            return true;
          }
        } catch (SocketTimeoutException e) {
          // Still there.
        } catch (IOException e) {
          departures.add(System.nanoTime());
          return true;
        }
      }
      return false;
    }

    private boolean isOllama() {
      return path.equals("/api/chat");
    }

    private boolean isAnthropic() {
      return path.equals("/v1/messages");
    }

    private String whole() {
      if (isOllama()) {
        return "{\"model\":\"%s-1\",\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"},\"done\":true,\"prompt_eval_count\":3,\"eval_count\":5}"
            .formatted(model);
      }
      return isAnthropic()
          ? "{\"type\":\"message\",\"model\":\"%s-1\",\"content\":[{\"type\":\"text\",\"text\":\"Hello\"}],\"usage\":{\"input_tokens\":3,\"output_tokens\":5}}"
              .formatted(model)
          : "{\"model\":\"%s-1\",\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}"
              .formatted(model);
    }

    private String delta(String text) {
      if (isOllama()) {
        return "{\"model\":\"%s-1\",\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},\"done\":false}\n"
            .formatted(model, text);
      }
      return isAnthropic()
          ? "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"%s\"}}\n\n"
              .formatted(text)
          : "data: {\"model\":\"%s-1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"%s\"},\"finish_reason\":null}]}\n\n"
              .formatted(model, text);
    }

    private String end() {
      if (isOllama()) {
        return "{\"model\":\"%s-1\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":3,\"eval_count\":5}\n"
            .formatted(model);
      }
      return isAnthropic()
          ? "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":5}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
          : "data: {\"model\":\"%1$s-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"model\":\"%1$s-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}\n\ndata: [DONE]\n\n"
              .formatted(model);
    }

    private void head(int status, String type, String more) throws IOException {
      write(
          "HTTP/1.1 %d Stub\r\nContent-Type: %s\r\n%sConnection: close\r\n\r\n"
              .formatted(status, type, more));
    }

    private void write(String text) throws IOException {
      out.write(text.getBytes(UTF_8));
      out.flush();
    }
  }
}

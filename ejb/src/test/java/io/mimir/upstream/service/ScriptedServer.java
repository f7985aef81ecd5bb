package io.mimir.upstream.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * A provider that answers by a script: one line of it for each call, the last one for all further.
 */
final class ScriptedServer implements AutoCloseable {

  static final String WHOLE =
      "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m1\",\"choices\":[{\"index\":0,"
          + "\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}";
  static final String CHUNK =
      "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m1\",\"choices\":[{\"index\":0,"
          + "\"delta\":{\"role\":\"assistant\",\"content\":\"Hel\"},\"finish_reason\":null}]}\n\n";
  static final String LAST =
      "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m1\",\"choices\":[{\"index\":0,"
          + "\"delta\":{\"content\":\"lo\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

  private final HttpServer server;
  private final Queue<Step> script = new ConcurrentLinkedQueue<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private volatile Function<String, Step> rest = asked -> answer(200, "application/json", WHOLE);

  /** What one call is answered. */
  interface Step {
    void answer(HttpExchange exchange) throws IOException, InterruptedException;
  }

  ScriptedServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/",
        exchange -> {
          String asked =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          bodies.add(asked);
          Step step = script.poll();
          try {
            (step == null ? rest.apply(asked) : step).answer(exchange);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            exchange.close();
          }
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  ScriptedServer then(Step... steps) {
    script.addAll(List.of(steps));
    return this;
  }

  ScriptedServer always(Step step) {
    return answering(asked -> step);
  }

  /** Answers each call by what it asks. */
  ScriptedServer answering(Function<String, Step> by) {
    rest = by;
    return this;
  }

  /** What was asked, call by call. */
  List<String> bodies() {
    return bodies;
  }

  static Step answer(int status, String type, String body, String... headers) {
    return exchange -> {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  static Step refuse(int status, String code, String... headers) {
    return answer(
        status,
        "application/json",
        "{\"error\":{\"message\":\"Something about " + code + "\",\"code\":\"" + code + "\"}}",
        headers);
  }

  /** A stream whose pieces come one by one. */
  static Step stream(long pauseMillis, String... pieces) {
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      for (String piece : pieces) {
        exchange.getResponseBody().write(piece.getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
        Thread.sleep(pauseMillis);
      }
    };
  }

  /** Takes the question and says nothing. */
  static Step silence() {
    return exchange -> Thread.sleep(20_000);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

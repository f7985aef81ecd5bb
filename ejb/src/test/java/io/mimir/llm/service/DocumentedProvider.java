package io.mimir.llm.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A provider for tests that answers what it was told and refuses everything else: another address,
 * another query, another header for the key.
 */
final class DocumentedProvider implements AutoCloseable {

  private final HttpServer server;
  private final Map<String, Reply> replies = new LinkedHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private String credentialHeader;
  private String credential;
  private Map<String, String> wanted = Map.of();

  private record Reply(int status, String body, boolean isPublic) {}

  DocumentedProvider() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.createContext("/", this::answer);
    server.start();
  }

  String root() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Says which header has to carry which value, and what else has to come with each call. */
  DocumentedProvider wants(String header, String value, Map<String, String> besides) {
    credentialHeader = header;
    credential = value;
    wanted = besides;
    return this;
  }

  /** Answers a request line, such as {@code GET /v1/models?limit=1}, when the key is right. */
  DocumentedProvider at(String line, String body) {
    replies.put(line, new Reply(200, body, false));
    return this;
  }

  /** Answers a request line with a status, when the key is right. */
  DocumentedProvider at(String line, int status, String body) {
    replies.put(line, new Reply(status, body, false));
    return this;
  }

  /** Answers a request line whatever the key is. */
  DocumentedProvider toAnybodyAt(String line, String body) {
    replies.put(line, new Reply(200, body, true));
    return this;
  }

  /** The request lines that came in. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    requests.add(line);
    Reply reply = replies.get(line);
    if (reply == null) {
      send(exchange, 404, "{\"error\":{\"message\":\"nothing here\"}}");
    } else if (!reply.isPublic() && !isRight(exchange)) {
      send(exchange, 401, "{\"error\":{\"message\":\"wrong key\"}}");
    } else {
      send(exchange, reply.status(), reply.body());
    }
  }

  private boolean isRight(HttpExchange exchange) {
    return (credentialHeader == null
            || credential.equals(exchange.getRequestHeaders().getFirst(credentialHeader)))
        && wanted.entrySet().stream()
            .allMatch(
                each ->
                    each.getValue().equals(exchange.getRequestHeaders().getFirst(each.getKey())));
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

package io.mimir.gateway.web;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A provider with an account for each key, which knows nothing of what another account has. It
 * makes, lists, gives back and deletes whatever it is asked for; the shapes are the published ones.
 */
final class AccountsProvider implements AutoCloseable {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern NAMED =
      Pattern.compile("\"(?:previous_response_id|input_file_id|file_id)\"\\s*:\\s*\"([^\"]+)\"");
  private static final Pattern ONE =
      Pattern.compile("/v1/(files|batches|vector_stores|responses|messages/batches)/([^/]+)(/.*)?");

  private final HttpServer server;
  private final ExecutorService calls = Executors.newCachedThreadPool();
  private final Map<String, String> owners = new ConcurrentSkipListMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final AtomicInteger made = new AtomicInteger();
  private volatile boolean failing;

  /** A request that came in. */
  record Asked(String method, String path, String secret) {}

  private AccountsProvider() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.createContext("/", this::serve);
    server.setExecutor(calls);
    server.start();
  }

  static AccountsProvider start() throws IOException {
    return new AccountsProvider();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<Asked> asked() {
    return asked;
  }

  void reset() {
    asked.clear();
    failing = false;
  }

  /** From now on everything fails. */
  void fail(boolean now) {
    failing = now;
  }

  /** The secret that something was made with. */
  String ownerOf(String id) {
    return owners.getOrDefault(id, "nobody");
  }

  boolean isOf(String id, String secret) {
    return ownerOf(id).equals(secret);
  }

  /** Makes something that came another way. */
  String make(String prefix, String secret) {
    String id = prefix + String.format("%06d", made.incrementAndGet());
    owners.put(id, secret);
    return id;
  }

  void lose(String id) {
    owners.remove(id);
  }

  private static String secretOf(HttpExchange exchange) {
    String key = exchange.getRequestHeaders().getFirst("x-api-key");
    return key == null ? exchange.getRequestHeaders().getFirst("Authorization") : key;
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String path = exchange.getRequestURI().getPath();
      String secret = secretOf(exchange);
      if (!path.equals("/v1/models") && !path.equals("/")) {
        asked.add(new Asked(exchange.getRequestMethod(), path, secret));
      }
      if (failing) {
        send(exchange, 500, "application/json", "{\"error\":{\"message\":\"broken\"}}");
        return;
      }
      Matcher named = NAMED.matcher(body);
      while (named.find()) {
        if (!isOf(named.group(1), secret)) {
          missing(exchange, named.group(1));
          return;
        }
      }
      Matcher one = ONE.matcher(path);
      if (one.matches()) {
        one(exchange, one, secret);
      } else if (exchange.getRequestMethod().equals("GET")) {
        list(exchange, path, secret);
      } else {
        create(exchange, path, secret, body);
      }
    }
  }

  private static String prefix(String path, HttpExchange exchange) {
    boolean anthropic = exchange.getRequestHeaders().containsKey("anthropic-version");
    return switch (path.substring("/v1/".length())) {
      case "files" -> anthropic ? "file_" : "file-";
      case "batches" -> "batch_";
      case "vector_stores" -> "vs_";
      case "responses" -> "resp_";
      default -> "msgbatch_";
    };
  }

  private void create(HttpExchange exchange, String path, String secret, String body)
      throws IOException {
    String id = make(prefix(path, exchange), secret);
    ObjectNode object = object(id, secret);
    if (path.endsWith("/responses") && body.contains("\"stream\":true")) {
      String created = "{\"type\":\"response.created\",\"response\":" + object + "}";
      String completed = "{\"type\":\"response.completed\",\"response\":" + object + "}";
      send(
          exchange,
          200,
          "text/event-stream",
          "event: response.created\ndata: %s\n\nevent: response.completed\ndata: %s\n\n"
              .formatted(created, completed));
      return;
    }
    send(exchange, 200, "application/json", object.toString());
  }

  private ObjectNode object(String id, String secret) {
    ObjectNode object = JSON.createObjectNode().put("id", id);
    if (id.startsWith("batch_")) {
      object.put("status", "completed");
      String results = "file-of-" + id;
      owners.put(results, secret);
      object.put("output_file_id", results).putNull("error_file_id");
    } else if (id.startsWith("msgbatch_")) {
      object.put("results_url", "https://provider.test/v1/messages/batches/" + id + "/results");
    } else if (id.startsWith("resp_")) {
      object.put("object", "response").put("status", "completed").putArray("output");
      object.putObject("usage").put("input_tokens", 1).put("output_tokens", 1);
    }
    return object;
  }

  private void one(HttpExchange exchange, Matcher path, String secret) throws IOException {
    String id = path.group(2);
    if (!isOf(id, secret)) {
      missing(exchange, id);
    } else if (exchange.getRequestMethod().equals("DELETE")) {
      owners.remove(id);
      send(exchange, 200, "application/json", "{\"id\":\"" + id + "\",\"deleted\":true}");
    } else if (path.group(3) != null && path.group(3).equals("/content")) {
      send(exchange, 200, "application/octet-stream", "content of " + id);
    } else {
      send(exchange, 200, "application/json", object(id, secret).toString());
    }
  }

  /** All that the account has, in the order in which it was made, in pages of two at most. */
  private void list(HttpExchange exchange, String path, String secret) throws IOException {
    String query = exchange.getRequestURI().getQuery();
    Matcher after = Pattern.compile("after(?:_id)?=([^&]+)").matcher(query == null ? "" : query);
    String from = after.find() ? after.group(1) : "";
    List<String> ids = new ArrayList<>();
    owners.forEach(
        (id, owner) -> {
          if (owner.equals(secret)
              && id.startsWith(prefix(path, exchange))
              && id.compareTo(from) > 0) {
            ids.add(id);
          }
        });
    ObjectNode page = JSON.createObjectNode().put("object", "list");
    var data = page.putArray("data");
    ids.stream().limit(2).forEach(id -> data.add(object(id, secret)));
    page.put("has_more", ids.size() > 2);
    send(exchange, 200, "application/json", page.toString());
  }

  private static void missing(HttpExchange exchange, String id) throws IOException {
    send(
        exchange,
        404,
        "application/json",
        "{\"error\":{\"message\":\"No such object: %s\",\"type\":\"invalid_request_error\",\"code\":null}}"
            .formatted(id));
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    calls.shutdownNow();
  }
}

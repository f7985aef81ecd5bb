package io.mimir.gateway.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An upstream that answers each path with what a test has laid there, byte for byte. The answers
 * are files beside this class, written after the providers' published shapes; what came in is kept.
 */
final class ScriptedProvider implements AutoCloseable {

  /** How much more a body that is cut claims to have. */
  private static final int MISSING = 1000;

  private final HttpServer server;
  private final ExecutorService calls = Executors.newCachedThreadPool();
  private final Map<String, Reply> replies = new ConcurrentHashMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  private ScriptedProvider() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.createContext("/", this::serve);
    server.setExecutor(calls);
    server.start();
  }

  static ScriptedProvider start() throws IOException {
    return new ScriptedProvider();
  }

  /**
   * A request that came in.
   *
   * @param headers names in lower case
   */
  record Asked(String method, String path, Map<String, String> headers, String body) {}

  /**
   * What is sent back.
   *
   * @param isCut whether the connection is closed in the middle of the body
   */
  record Reply(int status, String type, Map<String, String> headers, String body, boolean isCut) {

    private static Reply of(int status, String type, String body) {
      return new Reply(status, type, Map.of(), body, false);
    }

    static Reply json(int status, String body) {
      return of(status, "application/json", body);
    }

    /** A file beside this class; its ending says what it is. */
    static Reply file(String name) {
      String type = name.endsWith(".sse") ? "text/event-stream; charset=utf-8" : "application/json";
      return of(200, type, read(name));
    }

    private static String read(String name) {
      try (InputStream in = ScriptedProvider.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IllegalArgumentException(name);
        }
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    Reply with(String header, String value) {
      Map<String, String> all = new TreeMap<>(headers);
      all.put(header, value);
      return new Reply(status, type, all, body, isCut);
    }

    /** The first events of it, and then another text. */
    Reply endingAfter(int events, String text) {
      return new Reply(status, type, headers, first(events) + text, isCut);
    }

    /** The first events of it, and then nothing: the connection is closed. */
    Reply cutAfter(int events) {
      return new Reply(status, type, headers, first(events), true);
    }

    private String first(int events) {
      int at = 0;
      for (int i = 0; i < events; i++) {
        at = body.indexOf("\n\n", at) + 2;
      }
      return body.substring(0, at);
    }
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** From now on this path is answered so. */
  void answer(String path, Reply reply) {
    replies.put(path, reply);
  }

  void answer(String path, String file) {
    answer(path, Reply.file(file));
  }

  /** The requests so far to this path. */
  List<Asked> asked(String path) {
    return asked.stream().filter(each -> each.path().equals(path)).toList();
  }

  /** The only request so far to this path. */
  Asked onlyAsked(String path) {
    List<Asked> all = asked(path);
    if (all.size() != 1) {
      throw new AssertionError("Not one request to " + path + " but " + all);
    }
    return all.get(0);
  }

  /** Forgets what came in and what was to be answered. */
  void reset() {
    replies.clear();
    asked.clear();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> headers = new TreeMap<>();
      exchange
          .getRequestHeaders()
          .forEach(
              (name, values) ->
                  headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String path = exchange.getRequestURI().getPath();
      asked.add(new Asked(exchange.getRequestMethod(), path, headers, body));
      send(
          exchange,
          replies.getOrDefault(
              path, Reply.json(404, "{\"error\":{\"message\":\"Nothing is laid here\"}}")));
    }
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", reply.type());
    reply.headers().forEach(exchange.getResponseHeaders()::set);
    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
    boolean isWhole = reply.type().equals("application/json") && !reply.isCut();
    // A length that is never reached is what makes the server close the connection.
    long length = reply.isCut() ? body.length + MISSING : isWhole ? body.length : 0;
    exchange.sendResponseHeaders(reply.status(), length);
    OutputStream out = exchange.getResponseBody();
    if (isWhole) {
      out.write(body);
      return;
    }
    // In pieces that end anywhere, inside of an event or of a character too.
    for (int at = 0; at < body.length; at += 100) {
      out.write(body, at, Math.min(100, body.length - at));
      out.flush();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    calls.shutdownNow();
  }
}

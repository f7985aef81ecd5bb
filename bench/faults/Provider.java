import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A provider in OpenAI's protocol that answers with as many pieces as the question says ("pieces
 * 20"), at once where no stream is wanted, else one after the other at a pace. Whoever gets an
 * answer can tell whether all of it came.
 */
final class Provider implements AutoCloseable {

  static final String MODEL = "m";
  static final int PROMPT_TOKENS = 3;

  private static final Pattern PIECES = Pattern.compile("pieces ([0-9]+)");
  private static final String CHUNK =
      "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[%s],\"usage\":%s}";

  static {
    // Else the head of an answer waits for the acknowledgement of the one before it.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final int paceMs;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  Provider(int paceMs) throws IOException {
    this.paceMs = paceMs;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    server.createContext("/v1/chat/completions", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  /** Where Mimir has to ask it. */
  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  /** What an answer of so many pieces says. */
  static String text(int pieces) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pieces; i++) {
      text.append(word(i));
    }
    return text.toString();
  }

  private static String word(int i) {
    return "word" + i + " ";
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Matcher wanted = PIECES.matcher(body);
      int pieces = wanted.find() ? Integer.parseInt(wanted.group(1)) : 1;
      String usage =
          "{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}"
              .formatted(PROMPT_TOKENS, pieces, PROMPT_TOKENS + pieces);
      if (body.contains("\"stream\":true")) {
        stream(exchange, pieces, body.contains("\"include_usage\":true") ? usage : null);
      } else {
        byte[] said =
            "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},\"finish_reason\":\"stop\"}],\"usage\":%s}"
                .formatted(text(pieces), usage)
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, said.length);
        exchange.getResponseBody().write(said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stream(HttpExchange exchange, int pieces, String usage) throws IOException, InterruptedException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    for (int i = 0; i < pieces; i++) {
      event(out, CHUNK.formatted("{\"index\":0,\"delta\":{\"content\":\"" + word(i) + "\"},\"finish_reason\":null}", "null"));
      Thread.sleep(paceMs);
    }
    event(out, CHUNK.formatted("{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}", "null"));
    if (usage != null) {
      event(out, CHUNK.formatted("", usage));
    }
    event(out, "[DONE]");
  }

  private static void event(OutputStream out, String data) throws IOException {
    out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

package io.mimir.plugin.service.builtin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.net.service.EgressClients;
import io.mimir.plugin.service.ConfigSchema.Split;
import io.mimir.plugin.service.PluginCallException;
import io.mimir.plugin.service.PluginCallException.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpInputTest {

  private final HttpInput plugin = new HttpInput();
  private final Bench bench = new Bench(plugin);
  private final List<HttpExchange> seen = new CopyOnWriteArrayList<>();

  private HttpServer server;
  private String base;
  private volatile int status = 200;
  private volatile String type = "text/plain";
  private volatile byte[] body = new byte[0];

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    base = "http://127.0.0.1:" + server.getAddress().getPort();
    plugin.egress = EgressClients.open("127.0.0.1");
  }

  @AfterEach
  void stop() {
    server.stop(0);
    EgressClients.close(plugin.egress);
  }

  private void answer(HttpExchange exchange) throws IOException {
    seen.add(exchange);
    if (exchange.getRequestURI().getPath().equals("/slow")) {
      try {
        TimeUnit.SECONDS.sleep(3);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (type != null) {
      exchange.getResponseHeaders().set("Content-Type", type);
    }
    if (status == 302) {
      exchange.getResponseHeaders().set("Location", base + "/elsewhere");
    }
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private void serve(String type, String body) {
    this.type = type;
    this.body = body.getBytes(StandardCharsets.UTF_8);
  }

  private String url(String path) {
    return "{\"url\":\"" + base + path + "\"}";
  }

  @Test
  void aDocumentIsTextUnlessItSaysThatItIsJson() throws Exception {
    serve("text/html; charset=utf-8", "<p>gr\u00fc\u00df</p>");
    assertThat(bench.call("fetch", url("/a?b=c%20d")).toString())
        .isEqualTo(
            "{\"status\":200,\"content_type\":\"text/html; charset=utf-8\",\"text\":\"<p>gr\u00fc\u00df</p>\"}");
    assertThat(seen.get(0).getRequestURI().toString()).isEqualTo("/a?b=c%20d");
    assertThat(seen.get(0).getRequestMethod()).isEqualTo("GET");

    serve("application/problem+json", "{\"a\":[1.0]}");
    assertThat(bench.call("fetch", url("/")).path("json").toString()).isEqualTo("{\"a\":[1.0]}");

    serve("application/json", "{broken");
    assertThat(bench.call("fetch", url("/")).path("text").asText()).isEqualTo("{broken");

    type = null;
    body = new byte[0];
    assertThat(bench.call("fetch", url("")).toString())
        .isEqualTo("{\"status\":200,\"content_type\":null,\"text\":\"\"}");
  }

  @Test
  void refusalsOfTheServerAndRedirectsAreAnswersLikeOthers() throws Exception {
    serve("text/plain", "gone");
    status = 404;
    assertThat(bench.call("fetch", url("/")).path("status").asInt()).isEqualTo(404);
    status = 302;
    assertThat(bench.call("fetch", url("/")).path("status").asInt()).isEqualTo(302);
    assertThat(seen).as("a redirect is not followed").hasSize(2);
  }

  @Test
  void anotherEncodingIsReadAsItSays() throws Exception {
    type = "text/plain;charset=ISO-8859-1";
    body = new byte[] {(byte) 0xfc};
    assertThat(bench.call("fetch", url("/")).path("text").asText()).isEqualTo("\u00fc");

    type = "image/png";
    body = new byte[] {(byte) 0x89, 'P', 'N', 'G', (byte) 0xff};
    assertThat(bench.refusal("fetch", url("/"))).isEqualTo("not_text");
    type = "text/plain;charset=nonsense";
    assertThat(bench.refusal("fetch", url("/"))).isEqualTo("not_text");
  }

  @Test
  void configuredHeadersGoToTheConfiguredOriginOnly() throws Exception {
    serve("text/plain", "x");
    bench.configure(
        "{\"url\":\"%s/data\",\"headers\":\"Authorization: Bearer canary-1\\nX-Team: a b\"}"
            .formatted(base));

    bench.call("fetch", "");
    bench.call("fetch", url("/other"));

    assertThat(seen)
        .hasSize(2)
        .allSatisfy(
            each -> {
              assertThat(each.getRequestHeaders().getFirst("Authorization"))
                  .isEqualTo("Bearer canary-1");
              assertThat(each.getRequestHeaders().getFirst("X-Team")).isEqualTo("a b");
            });
    String elsewhere =
        "{\"url\":\"http://localhost:%d/\"}".formatted(server.getAddress().getPort());
    PluginCallException refused = bench.failure("fetch", elsewhere);
    assertThat(bench.refusal("fetch", elsewhere)).isEqualTo("headers_for_another_origin");
    assertThat(refused.getMessage()).doesNotContain("canary");
    assertThat(seen).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: x",
        "Content-Length: 5",
        "Transfer-Encoding: chunked",
        "No colon",
        "Bad Name: x",
        "A: b\\nA: c",
        "X: \\u00fc",
        "X:"
      })
  void headersThatWouldMakeAnotherRequestAreRefused(String headers) {
    ObjectNode sent =
        (ObjectNode) Bench.json("{\"url\":\"%s\",\"headers\":\"%s\"}".formatted(base, headers));

    assertThatThrownBy(() -> change("{}", "{}", sent))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(Problem.REFUSED);
              assertThat(e.errors().get(0).field()).isEqualTo("config.headers");
            });
  }

  /** What an administrator's change goes through. */
  private void change(String open, String secrets, ObjectNode sent) {
    Split before = new Split((ObjectNode) Bench.json(open), (ObjectNode) Bench.json(secrets));
    Split after = bench.builtins().configSchema("http_input").lay(sent, before);
    bench.builtins().vet("http_input", sent, before, after);
  }

  @Test
  void keptHeadersDoNotFollowAnAddressToAnotherServer() {
    String open = "{\"url\":\"https://one.example/a\"}";
    String secrets = "{\"headers\":\"X: 1\"}";

    change(open, secrets, (ObjectNode) Bench.json("{\"url\":\"https://one.example/b\"}"));
    change(
        open,
        secrets,
        (ObjectNode) Bench.json("{\"url\":\"https://two.example\",\"headers\":\"X: 1\"}"));
    change(
        open,
        secrets,
        (ObjectNode) Bench.json("{\"url\":\"https://two.example\",\"headers\":null}"));
    for (String sent :
        List.of(
            "{\"url\":\"https://two.example/a\"}",
            "{\"url\":\"http://one.example/a\"}",
            "{\"url\":\"https://one.example:8443/a\",\"headers\":\"\"}",
            "{}")) {
      assertThatThrownBy(() -> change(open, secrets, (ObjectNode) Bench.json(sent)))
          .as(sent)
          .isInstanceOfSatisfying(
              ProblemException.class,
              e -> assertThat(e.problem()).isEqualTo(Problem.KEY_REQUIRED_FOR_NEW_ORIGIN));
    }
  }

  @Test
  void anAddressThatCallsCanNeverGoToIsRefusedWhenItIsEntered() {
    assertThatThrownBy(
            () ->
                change(
                    "{}", "{}", (ObjectNode) Bench.json("{\"url\":\"http://169.254.169.254/\"}")))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem()).isEqualTo(Problem.ENDPOINT_BLOCKED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://metadata.google.internal/",
        "http://0.0.0.0/",
        "http://[::ffff:169.254.169.254]/"
      })
  void blockedAddressesAreRefusedWithTheReason(String url) {
    String input = "{\"url\":\"" + url + "\"}";

    assertThat(bench.refusal("fetch", input)).isEqualTo("blocked");
    assertThat(bench.failure("fetch", input).getMessage()).contains("metadata service");
  }

  @Test
  void nothingOfABlockedServerIsSeen() {
    EgressClients.close(plugin.egress);
    plugin.egress = EgressClients.open("");
    serve("text/plain", "a banner");

    PluginCallException refused = bench.failure("fetch", url("/"));

    assertThat(bench.refusal("fetch", url("/"))).isEqualTo("blocked");
    assertThat(refused.getMessage()).contains("own machine").doesNotContain("banner");
    assertThat(seen).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "127.0.0.1",
        "http://u:p@127.0.0.1/",
        "http://127.0.0.1/#a",
        "http://2130706433/",
        "http://0x7f.1/",
        "http:///x",
        "http://a b/",
        "jar:http://127.0.0.1!/",
        "http://127.0.0.1\\\\@x/"
      })
  void whatIsNoPlainAddressIsRefused(String url) {
    assertThat(bench.refusal("fetch", "{\"url\":\"" + url + "\"}")).isEqualTo("invalid_url");
    assertThat(seen).isEmpty();
  }

  @Test
  void anAddressHasToComeFromSomewhere() {
    assertThat(bench.refusal("fetch", "{}")).isEqualTo("missing_url");
  }

  @Test
  void answersAndPatienceHaveBounds() throws Exception {
    bench.configure("{\"max_bytes\":1000,\"timeout_ms\":300}");
    serve("text/plain", "x".repeat(1000));
    assertThat(bench.call("fetch", url("/")).path("text").asText()).hasSize(1000);
    serve("text/plain", "x".repeat(1001));
    assertThat(bench.refusal("fetch", url("/"))).isEqualTo("too_large");

    long start = System.nanoTime();
    assertThat(bench.refusal("fetch", url("/slow"))).isEqualTo("timeout");
    assertThat(bench.failure("fetch", url("/slow"), Duration.ofMillis(100)).kind())
        .isEqualTo(Kind.DEADLINE);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void whatIsNoHttpIsSaidInOurWords() throws Exception {
    try (ServerSocket ssh = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread greeter =
          new Thread(
              () -> {
                try (Socket socket = ssh.accept()) {
                  socket
                      .getOutputStream()
                      .write("SSH-2.0-canary\r\n".getBytes(StandardCharsets.UTF_8));
                  socket.getOutputStream().flush();
                  socket.getInputStream().read();
                } catch (IOException e) {
                  // The test is over.
                }
              });
      greeter.setDaemon(true);
      greeter.start();

      PluginCallException refused =
          bench.failure("fetch", "{\"url\":\"http://127.0.0.1:" + ssh.getLocalPort() + "/\"}");

      assertThat(refused.getMessage()).isEqualTo("What answers there does not speak HTTP");
      assertThat(new String(refused.detail(), StandardCharsets.UTF_8)).doesNotContain("canary");
    }
  }

  @Test
  void nobodyListeningIsUnreachable() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    assertThat(bench.refusal("fetch", "{\"url\":\"http://127.0.0.1:" + port + "/\"}"))
        .isEqualTo("unreachable");
  }
}

package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is told to stop while it works: who is served, who is refused, who is told why. The
 * same under 200 streams and 50 times is {@code bench/faults/drain}.
 */
class DrainIT {

  private static final int PACE_MS = 50;
  private static final String PIECE =
      "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
          + "[{\"index\":0,\"delta\":{\"content\":\"word \"},\"finish_reason\":null}]}";
  private static final String LAST =
      "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
          + "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private HttpServer provider;
  private MimirServer server;
  private String token;
  private final AtomicInteger asked = new AtomicInteger();

  @BeforeEach
  void start() throws IOException {
    provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    provider.createContext("/v1/chat/completions", this::answer);
    provider.setExecutor(threads);
    provider.start();
    server = launch();
    admin()
        .post(
            "/api/v1/settings/api-keys",
            "{\"provider\":\"custom\",\"name\":\"k\",\"key_value\":\"sk-drain-0123456789\",\"endpoint_url\":\"http://127.0.0.1:%d/v1\",\"metadata\":{\"available_models\":[\"m\"]}}"
                .formatted(provider.getAddress().getPort()));
    token =
        admin()
            .post("/api/v1/settings/tokens", "{\"name\":\"t\",\"scopes\":[\"gateway\"]}")
            .text("token");
  }

  @AfterEach
  void stop() {
    server.close();
    provider.stop(0);
    threads.shutdownNow();
  }

  private MimirServer launch() {
    return MimirServer.start(
        Map.of(
            "MIMIR_DATA_DIR",
            folder.resolve("data").toString(),
            "MIMIR_ADMIN_USER",
            MimirServer.ADMIN,
            "MIMIR_ADMIN_PASSWORD",
            MimirServer.PASSWORD,
            "MIMIR_DRAIN_SECONDS",
            "2"));
  }

  private Wire admin() {
    return Wire.anonymous(server.uri()).as(MimirServer.ADMIN, MimirServer.PASSWORD);
  }

  /** Streams for as long as the question says, in seconds. */
  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      int seconds = Integer.parseInt(asked.replaceAll("(?s).*for ([0-9]+) s.*", "$1"));
      if (!asked.contains("\"stream\":true")) {
        TimeUnit.SECONDS.sleep(seconds);
        return;
      }
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      for (int i = 0; i < seconds * 1_000 / PACE_MS; i++) {
        send(out, PIECE);
        TimeUnit.MILLISECONDS.sleep(PACE_MS);
      }
      send(out, LAST);
      send(out, "[DONE]");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(OutputStream out, String data) throws IOException {
    out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private HttpRequest question(String path, int seconds) {
    return HttpRequest.newBuilder(server.uri(path))
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "application/json")
        .POST(
            BodyPublishers.ofString(
                "{\"model\":\"m\",\"stream\":true,\"max_tokens\":100,\"messages\":[{\"role\":\"user\",\"content\":\"for %d s\"}]}"
                    .formatted(seconds)))
        .build();
  }

  /** All lines of a stream, once it has ended. */
  private CompletableFuture<List<String>> stream(HttpRequest request, CountDownLatch begun) {
    return CompletableFuture.supplyAsync(
        () -> {
          List<String> lines = new ArrayList<>();
          try {
            HttpResponse<InputStream> answer = http.send(request, BodyHandlers.ofInputStream());
            BufferedReader in =
                new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
              if (!line.isEmpty()) {
                lines.add(line);
                begun.countDown();
              }
            }
          } catch (IOException e) {
            lines.add("cut: " + e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return lines;
        },
        threads);
  }

  private static String last(CompletableFuture<List<String>> stream) throws Exception {
    List<String> lines = stream.get(60, TimeUnit.SECONDS);
    return lines.get(lines.size() - 1);
  }

  @Test
  void aStopServesRefusesAndTellsInThisOrder() throws Exception {
    CountDownLatch begun = new CountDownLatch(3);
    CompletableFuture<List<String>> within = stream(question("/v1/chat/completions", 6), begun);
    CompletableFuture<List<String>> longer = stream(question("/v1/chat/completions", 60), begun);
    CompletableFuture<List<String>> message = stream(question("/v1/messages", 60), begun);
    String chat = admin().post("/api/v1/chat", "{\"title\":\"talk\"}").text("id");
    CompletableFuture<Wire.Answer> talk =
        CompletableFuture.supplyAsync(
            () ->
                admin()
                    .post(
                        "/api/v1/chat/" + chat + "/message",
                        "{\"message\":\"for 60 s\",\"model_name\":\"m\",\"stream\":true}"),
            threads);
    String plugin =
        admin().get("/api/v1/settings/plugins").json().findParents("name").stream()
            .filter(each -> each.path("name").asText().equals("llm"))
            .findFirst()
            .orElseThrow()
            .path("id")
            .asText();
    CompletableFuture<Wire.Answer> called =
        CompletableFuture.supplyAsync(
            () ->
                admin()
                    .post(
                        "/api/v1/settings/plugins/" + plugin + "/call/chat",
                        "{\"prompt\":\"for 60 s\",\"model\":\"m\"}"),
            threads);
    assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();

    CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(server::stop, threads);
    Set<String> seen = watch(exit);

    assertThat(exit.get()).isZero();
    assertThat(last(within)).isEqualTo("data: [DONE]");
    assertThat(last(longer)).contains("\"code\":\"draining\"");
    assertThat(last(message)).contains("\"type\":\"error\"", "overloaded_error", "stopping");
    assertThat(talk.get(10, TimeUnit.SECONDS).http().body())
        .contains("event: delta", "event: error", "\"code\":\"draining\"");
    assertThat(seen)
        .contains("ready 503, call 200 close", "ready 503, call 503 draining 10 close")
        .isSubsetOf(
            "ready 200, call 200 keep",
            "ready 200, call 200 close",
            "ready 503, call 200 close",
            "ready 503, call 503 draining 10 close",
            "port closed");
    assertThat(called.get(10, TimeUnit.SECONDS).status()).isEqualTo(503);
    assertThat(called.get().text("code")).isEqualTo("draining");
    assertThat(called.get().header("Retry-After")).isEqualTo("10");

    server = launch();
    long counted =
        admin().get("/api/v1/usage").json().findValues("requests").stream()
            .mapToLong(JsonNode::asLong)
            .sum();
    assertThat(counted)
        .as("the three streams, the chat, the plugin, and what was asked meanwhile")
        .isEqualTo(5 + asked.get());
    assertThat(admin().get("/api/v1/chat/" + chat).http().body())
        .as("what was said before the end is kept")
        .contains("word word");
    aDataFolderThatIsGoneTakesNoWrites();
  }

  /** On the server that runs: a start takes a third of a minute. */
  private void aDataFolderThatIsGoneTakesNoWrites() throws IOException {
    assertThat(admin().get("/health/ready").status()).isEqualTo(200);
    Path away = Files.move(server.dataDir(), folder.resolve("away"));

    assertThat(admin().get("/health/ready").status()).isEqualTo(503);
    assertThat(admin().get("/api/v1/status").http().body())
        .contains("\"status\":\"degraded\"", "data_folder", "down", "deleted or replaced");
    assertThat(admin().get("/metrics").http().body())
        .contains("mimir_ready 0", "mimir_check_ok{check=\"data_folder\"} 0");
    Wire.Answer refused = admin().post("/api/v1/chat", "{\"title\":\"lost\"}");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.text("code")).isEqualTo("storage_unavailable");

    Files.move(away, server.dataDir());
    assertThat(admin().get("/health/ready").status()).isEqualTo(200);
    assertThat(admin().get("/api/v1/chat").http().body()).doesNotContain("lost");
    assertThat(admin().post("/api/v1/chat", "{\"title\":\"found\"}").status()).isEqualTo(201);
  }

  /** What health and a new call say, from now to the end. */
  private Set<String> watch(CompletableFuture<Integer> exit) throws InterruptedException {
    Set<String> seen = new TreeSet<>();
    while (!exit.isDone()) {
      try {
        int ready =
            http.send(
                    HttpRequest.newBuilder(server.uri("/health/ready")).build(),
                    BodyHandlers.discarding())
                .statusCode();
        HttpResponse<String> call =
            http.send(question("/v1/chat/completions", 0), BodyHandlers.ofString());
        asked.addAndGet(call.statusCode() == 200 ? 1 : 0);
        String more =
            call.statusCode() == 503
                ? " draining " + call.headers().firstValue("Retry-After").orElse("")
                : "";
        boolean close = call.headers().firstValue("Connection").orElse("").equals("close");
        seen.add(
            "ready %d, call %d%s %s"
                .formatted(ready, call.statusCode(), more, close ? "close" : "keep"));
      } catch (IOException e) {
        seen.add("port closed");
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return seen;
  }
}

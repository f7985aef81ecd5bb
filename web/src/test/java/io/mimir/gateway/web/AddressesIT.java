package io.mimir.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.llm.service.StubProvider;
import io.mimir.llm.service.StubProvider.Misbehaviour;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways in: addresses of every kind of client, browsers of other origins, slow bodies. */
class AddressesIT {

  private static final Pattern LENGTH = Pattern.compile("(?i)Content-Length: (\\d+)");

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String KEY = "sk-addresses-5b1f0c52-7d4e-4a0e";
  private static final String ASK =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

  private static TestedGateway gateway;

  private final HttpClient http = HttpClient.newBuilder().version(Version.HTTP_1_1).build();
  private StubProvider stub;

  @BeforeAll
  static void server() throws IOException {
    gateway = TestedGateway.shared();
  }

  @BeforeEach
  void key() throws IOException {
    gateway.forgetKeys();
    stub = StubProvider.start().expectKey(KEY).misbehave(Misbehaviour.NONE);
    gateway.settings(
        "POST",
        "/api-keys",
        "{\"provider\":\"custom\",\"name\":\"k\",\"key_value\":\"%s\",\"endpoint_url\":\"%s\",\"metadata\":{\"available_models\":[\"m\"]}}"
            .formatted(KEY, stub.url()));
  }

  @AfterEach
  void close() {
    gateway.forgetKeys();
    stub.close();
  }

  private static String bearer() {
    return "Bearer " + gateway.gatewayToken();
  }

  /**
   * @param headers names and values by turns
   */
  private HttpResponse<String> send(
      HttpClient client, String method, String path, BodyPublisher body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(gateway.url() + path)).timeout(Duration.ofSeconds(60));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return client.send(request.method(method, body).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    return send(http, "GET", path, BodyPublishers.noBody(), headers);
  }

  private HttpResponse<String> post(String path, String body, String... headers)
      throws IOException, InterruptedException {
    return send(http, "POST", path, BodyPublishers.ofString(body), headers);
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    return JSON.readTree(response.body());
  }

  @Test
  void clientsThatOfferHttp2SendTheirBodiesByHttp11() throws Exception {
    HttpClient offering = HttpClient.newBuilder().version(Version.HTTP_2).build();
    String large = ASK.replace("Hi", "x".repeat(100 * 1024));

    for (int i = 0; i < 10; i++) {
      HttpResponse<String> response =
          send(
              offering,
              "POST",
              "/v1/chat/completions",
              BodyPublishers.ofString(large),
              "Authorization",
              bearer(),
              "Content-Type",
              "application/json");
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(response.version()).isEqualTo(Version.HTTP_1_1);
      assertThat(stub.lastQuestion().body()).isEqualTo(large);
    }
  }

  @Test
  void chunkedBodiesComeWholeWhateverTheirSize() throws Exception {
    for (int size : new int[] {1, 70_000, 3_000_000}) {
      String body = ASK.replace("Hi", "y".repeat(size));
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      HttpResponse<String> response =
          send(
              http,
              "POST",
              "/v1/chat/completions",
              BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)),
              "Authorization",
              bearer());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(stub.lastQuestion().body()).isEqualTo(body);
    }
  }

  /** As Python's clients send: head and body at once, so that both come in pieces together. */
  @Test
  void largeBodiesFollowEachOtherOnOneConnection() throws Exception {
    String body = ASK.replace("Hi", "z".repeat(500_000));
    String request =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(bearer(), body.length(), body);
    byte[] bytes = request.getBytes(StandardCharsets.US_ASCII);
    URI base = URI.create(gateway.url());
    stub.say("Received.");
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket.setSoTimeout(60_000);
      for (int i = 0; i < 60; i++) {
        socket.getOutputStream().write(bytes);
        String head = head(socket.getInputStream());
        assertThat(head).as("answer %d", i).startsWith("HTTP/1.1 200");
        Matcher length = LENGTH.matcher(head);
        assertThat(length.find()).as(head).isTrue();
        socket.getInputStream().readNBytes(Integer.parseInt(length.group(1)));
      }
    }
    assertThat(stub.lastQuestion().body()).isEqualTo(body);
  }

  /** The lines of an answer before its body. */
  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      assertThat(next).as("a byte after: " + head).isNotNegative();
      head.append((char) next);
    }
    return head.toString();
  }

  @Test
  void aBodyInManyPiecesIsAwaited() throws Exception {
    byte[] body = ASK.getBytes(StandardCharsets.UTF_8);
    try (Socket socket = open("/v1/chat/completions", "Content-Length: " + body.length)) {
      OutputStream out = socket.getOutputStream();
      for (byte b : body) {
        out.write(b);
        out.flush();
        Thread.sleep(2);
      }
      assertThat(answer(socket)).startsWith("HTTP/1.1 200").contains("You said: Hi");
    }
  }

  /** Each held a thread of the server: 200 of them, and not even health was answered. */
  @ParameterizedTest
  @ValueSource(strings = "/api/v1/setup")
  void strangersWhoSendAByteEachHoldNoThread(String path) throws Exception {
    List<Socket> strangers = new ArrayList<>();
    URI server = URI.create(gateway.url());
    try {
      for (int i = 0; i < 300; i++) {
        Socket socket = new Socket(server.getHost(), server.getPort());
        strangers.add(socket);
        socket
            .getOutputStream()
            .write(
                ("POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
                        .formatted(path))
                    .getBytes(StandardCharsets.US_ASCII));
      }
      HttpRequest health =
          HttpRequest.newBuilder(URI.create(gateway.url() + "/health/ready"))
              .timeout(Duration.ofSeconds(20))
              .build();
      assertThat(http.send(health, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
      assertThat(post("/v1/chat/completions", ASK, "Authorization", bearer()).statusCode())
          .isEqualTo(200);
      strangers.get(0).setSoTimeout(60_000);
      assertThat(
              new String(
                  strangers.get(0).getInputStream().readNBytes(30), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 408 Request Timeout\r\n");
    } finally {
      for (Socket each : strangers) {
        each.close();
      }
    }
  }

  /** What a proxy in front may read differently, or the server rewrites before anybody looks. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST /v1/chat/completions|Transfer-Encoding: chunked, identity",
        "POST /v1/chat/completions|Transfer-Encoding: chunked#Transfer-Encoding: identity",
        "POST /api/v1/chat|Transfer-Encoding: xchunked",
        "POST /api/v1/chat|Transfer-Encoding: chunked#Content-Length: 5",
        "POST /api/v1/chat|Content-Length: 5#Content-Length: 6",
        "GET /health/ready|Host: elsewhere.example",
        "GET /health/ready|no colon",
        "GET /health/ready|: no name",
        "GET /health/ready|X: folded# into two",
        "GET /%u0073|Accept: text/html",
        "GET /.;//x|Accept: text/html",
        "GET /login;jsessionid=abc|Accept: text/html",
        "GET /a/../metrics|Accept: text/html"
      })
  void requestsThatTwoReadersReadDifferentlyAreRefused(String line, String headers)
      throws IOException {
    try (Socket socket = connect()) {
      write(
          socket,
          "%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
              .formatted(line, headers.replace("#", "\r\n")));
      assertThat(answer(socket)).startsWith("HTTP/1.1 400").doesNotContain("Location");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5\nhello\n0\n\n",
        "5\r\nhelloXX\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\nno colon\r\n\r\n",
        "1000000000000000\r\nhello\r\n0\r\n\r\n"
      })
  void chunksThatAreNotAsTheySayAreRefused(String body) throws IOException {
    for (String path : List.of("/v1/chat/completions", "/api/v1/chat")) {
      try (Socket socket = open(path, "Transfer-Encoding: chunked\r\n\r\n" + body, "")) {
        assertThat(answer(socket)).startsWith("HTTP/1.1 400").contains("\"code\":\"malformed\"");
      }
    }
  }

  @Test
  void aStatusHasItsOwnWords() throws IOException {
    String token =
        gateway
            .inPerson(
                "POST",
                "/tokens",
                "{\"name\":\"once a minute\",\"scopes\":[\"gateway\"],\"requests_per_minute\":1}")
            .path("token")
            .asText();
    String said = "";
    for (int i = 0; i < 2; i++) {
      try (Socket socket = connect()) {
        write(
            socket,
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(token, ASK.length(), ASK));
        said = answer(socket);
      }
    }
    assertThat(said).startsWith("HTTP/1.1 429 Too Many Requests\r\n");
  }

  /** HTTP/2 in clear is off. */
  @Test
  void theProtocolOfHttp2IsNotSpoken() throws IOException {
    try (Socket socket = connect()) {
      write(socket, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
      assertThat(answer(socket)).startsWith("HTTP/1.1 400").contains("HTTP/1.1 here");
    }
  }

  /**
   * Heads that come letter by letter have half a minute; a connection that was used is kept for
   * longer than that, since a request on one that is just being closed is lost.
   */
  @Test
  void headsHaveTheirTimeAndIdleConnectionsHaveMore() throws Exception {
    String whole = "GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n";
    String unfinished = whole.substring(0, whole.length() - 2);
    try (Socket silent = connect();
        Socket slow = connect();
        Socket slowAgain = connect();
        Socket kept = connect()) {
      for (Socket used : List.of(slowAgain, kept)) {
        write(used, whole);
        assertThat(readyBody(used)).contains("UP");
      }
      write(slow, unfinished);
      write(slowAgain, unfinished);
      for (int second = 0; second < 33; second++) {
        Thread.sleep(1000);
        for (Socket each : List.of(slow, slowAgain)) {
          trickle(each);
        }
      }

      assertThat(answer(silent)).isEmpty();
      assertThat(answer(slow)).startsWith("HTTP/1.1 408").contains("request_timeout");
      assertThat(answer(slowAgain)).startsWith("HTTP/1.1 408").contains("request_timeout");
      write(kept, whole);
      assertThat(readyBody(kept)).contains("UP");
    }
  }

  /** A line of a head now and then, as long as the other end takes it. */
  private static void trickle(Socket socket) {
    try {
      write(socket, "X-A: b\r\n");
    } catch (IOException e) {
      assertThat(e).as("closed").isInstanceOf(SocketException.class);
    }
  }

  /** What the connection, which stays open, says of the server. */
  private static String readyBody(Socket socket) throws IOException {
    StringBuilder said = new StringBuilder();
    for (int b = socket.getInputStream().read(); b >= 0; b = socket.getInputStream().read()) {
      said.append((char) b);
      if (b == '}') {
        return said.toString();
      }
    }
    throw new AssertionError("The connection was closed after " + said);
  }

  @Test
  void idleUploadsKeepNobodyOutAndAreToldThatTheirTimeIsUp() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try {
      for (String path : List.of("/v1/chat/completions", "/v1/messages", "/ollama/api/chat")) {
        idle.add(open(path, "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"mod"));
      }
      idle.add(open("/v1/responses", "Content-Length: 33554432\r\n\r\n{\"mod"));
      for (int i = 0; i < 5; i++) {
        chunkedBodiesComeWholeWhateverTheirSize();
      }

      assertThat(answer(idle.get(0)))
          .startsWith("HTTP/1.1 408")
          .contains("\"error\":{\"message\":", "\"code\":\"request_timeout\"");
      assertThat(answer(idle.get(1))).startsWith("HTTP/1.1 408").contains("\"type\":\"error\"");
      assertThat(answer(idle.get(2))).startsWith("HTTP/1.1 408").contains("{\"error\":\"The rest");
      assertThat(answer(idle.get(3))).startsWith("HTTP/1.1 408");
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  private static Socket connect() throws IOException {
    URI base = URI.create(gateway.url());
    Socket socket = new Socket(base.getHost(), base.getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** A connection on which the head of a POST was sent, and what the test says of its body. */
  private static Socket open(String path, String more) throws IOException {
    // A chunk ends with a line break of its own; a body of a known length does not.
    return open(
        path,
        more.contains("\r\n\r\n") ? more : more + "\r\n\r\n",
        more.startsWith("Transfer") ? "\r\n" : "");
  }

  private static Socket open(String path, String more, String end) throws IOException {
    Socket socket = connect();
    write(
        socket,
        "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: %s\r\nContent-Type: application/json\r\n%s%s"
            .formatted(path, bearer(), more, end));
    return socket;
  }

  /** All that comes until the connection ends: with a reset, where what was sent is not read. */
  private static String answer(Socket socket) throws IOException {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(said);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("There was no answer", e);
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void everyLineOfAListedHeaderGoesOn() throws Exception {
    gateway.upstream().reset();
    gateway.upstream().answer("/v1/messages", "anthropic/message.json");
    gateway.settings(
        "POST",
        "/api-keys",
        "{\"provider\":\"anthropic\",\"name\":\"a\",\"key_value\":\"%s\",\"metadata\":{\"available_models\":[\"claude\"]}}"
            .formatted(KEY));

    HttpResponse<String> response =
        post(
            "/v1/messages",
            "{\"model\":\"claude\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}",
            "x-api-key",
            gateway.gatewayToken(),
            "anthropic-version",
            "2023-06-01",
            "anthropic-beta",
            "one-2026-01-01,two-2026-01-01",
            "anthropic-beta",
            "three-2026-01-01");

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(gateway.upstream().onlyAsked("/v1/messages").headers())
        .containsEntry("anthropic-beta", "one-2026-01-01,two-2026-01-01,three-2026-01-01");
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /chat/completions, /error/message, /v1",
    "POST, /responses, /error/message, /v1",
    "POST, /v1beta/models/gemini:generateContent, /error/message, /v1",
    "POST, /openai/deployments/m/chat/completions, /error/message, /v1",
    "POST, /mcp, /error/message, /v1",
    "POST, /, /error/message, /v1",
    "POST, /chat, /error/message, /v1",
    "GET, /models, /error/message, /v1",
    "POST, /messages, /error/message, ''",
    "POST, /anthropic/v1/messages, /error/message, ''",
    "POST, /api/chat, /error, /ollama",
    "POST, /api/generate, /error, /ollama",
    "GET, /api/tags, /error, /ollama"
  })
  void anUnknownAddressTellsProgramsTheRightOne(
      String method, String path, String member, String base) throws Exception {
    HttpResponse<String> response =
        send(
            http,
            method,
            path,
            method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString(ASK),
            "Content-Type",
            method.equals("GET") ? "text/plain" : "application/json",
            "Authorization",
            bearer());

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    assertThat(json(response).at(member).asText())
        .contains(gateway.url().replaceAll(":\\d+$", ""), base);
  }

  @Test
  void peopleStillGetPages() throws Exception {
    String accept = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

    assertThat(get("/login", "Accept", accept).statusCode()).isEqualTo(200);
    assertThat(get("/login").statusCode()).isEqualTo(200);
    assertThat(get("/nowhere", "Accept", accept).statusCode()).isEqualTo(302);
    assertThat(get("/chat").statusCode()).isEqualTo(302);
    assertThat(get("/assets/console.css").statusCode()).isEqualTo(200);
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
  }

  /** A program that invents the state of a form gets the page that people get, and no log line. */
  @Test
  void aFormThatTheServerNeverMadeIsOneThatWasOpenTooLong() throws Exception {
    String form = "login=login&jakarta.faces.ViewState=";
    for (int i = 0; i < 4; i++) {
      HttpResponse<String> answer =
          post("/login", form + i + "%3A2", "Content-Type", "application/x-www-form-urlencoded");

      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
      assertThat(answer.body())
          .contains("This page was open too long", "<a class=\"button main\" href=\"/login\"");
    }
    assertThat(gateway.said()).doesNotContain("ViewExpiredException");
  }

  @Test
  void ollamasBaseSaysThatItIsThere() throws Exception {
    for (String path : List.of("/ollama", "/ollama/")) {
      assertThat(get(path).body()).isEqualTo("Ollama is running");
      HttpResponse<String> head = send(http, "HEAD", path, BodyPublishers.noBody());
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
    }
  }

  @Test
  void ollamasClientsFindWhatTheyLookFor() throws Exception {
    HttpResponse<String> running = get("/ollama/api/ps", "Authorization", bearer());
    HttpResponse<String> head =
        send(http, "HEAD", "/ollama/api/tags", BodyPublishers.noBody(), "Authorization", bearer());
    HttpResponse<String> chat = post("/ollama/v1/chat/completions", ASK, "Authorization", bearer());
    HttpResponse<String> models = get("/ollama/v1/models", "Authorization", bearer());

    assertThat(running.body()).isEqualTo("{\"models\":[]}");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(chat.statusCode()).as(chat.body()).isEqualTo(200);
    assertThat(json(chat).at("/choices/0/message/content").asText()).contains("You said: Hi");
    assertThat(json(models).at("/data/0/id").asText()).isEqualTo("m");
  }

  @ParameterizedTest
  @CsvSource({
    "POST, pull",
    "POST, push",
    "POST, create",
    "POST, copy",
    "DELETE, delete",
    "HEAD, blobs/sha256:00",
    "POST, blobs/sha256:00"
  })
  void theModelsAreNotTheCallersToChange(String method, String what) throws Exception {
    HttpResponse<String> response =
        send(
            http,
            method,
            "/ollama/api/" + what,
            method.equals("HEAD")
                ? BodyPublishers.noBody()
                : BodyPublishers.ofString("{\"model\":\"m\"}"),
            "Authorization",
            bearer());

    assertThat(response.statusCode()).isEqualTo(403);
    if (!method.equals("HEAD")) {
      assertThat(json(response).path("error").asText()).contains("administrators");
    }
  }

  @Test
  void embeddingsOfOldAreStillGiven() throws Exception {
    try (ScriptedProvider provider = ScriptedProvider.start()) {
      provider.answer(
          "/v1/embeddings",
          ScriptedProvider.Reply.json(
              200,
              "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.5,0.25]}],\"model\":\"e\",\"usage\":{\"prompt_tokens\":1,\"total_tokens\":1}}"));
      gateway.settings(
          "POST",
          "/api-keys",
          "{\"provider\":\"custom\",\"name\":\"e\",\"key_value\":\"%s\",\"endpoint_url\":\"%s\",\"metadata\":{\"available_models\":[\"e\"]}}"
              .formatted(KEY, provider.url() + "/v1"));

      HttpResponse<String> response =
          post(
              "/ollama/api/embeddings",
              "{\"model\":\"e\",\"prompt\":\"Hi\"}",
              "Authorization",
              bearer());

      assertThat(response.body()).isEqualTo("{\"embedding\":[0.5,0.25]}");
    }
  }

  @Test
  void azuresClientsSendTheTokenAsApiKey() throws Exception {
    assertThat(post("/v1/chat/completions", ASK, "api-key", gateway.gatewayToken()).statusCode())
        .isEqualTo(200);
    assertThat(post("/v1/chat/completions", ASK, "api-key", "mimir_wrong").statusCode())
        .isEqualTo(401);
  }

  @Test
  void scriptsOfANamedOriginMayCallAndReadWhatTheyNeed() throws Exception {
    HttpResponse<String> preflight =
        preflight(
            TestedGateway.ORIGIN,
            "authorization,content-type,x-stainless-os,x-stainless-retry-count,anthropic-beta,x-base-url");
    HttpResponse<String> call =
        post(
            "/v1/chat/completions", ASK, "Origin", TestedGateway.ORIGIN, "Authorization", bearer());
    HttpResponse<String> refused =
        post("/v1/chat/completions", ASK, "Origin", TestedGateway.ORIGIN);

    assertThat(preflight.statusCode()).isEqualTo(204);
    assertThat(preflight.headers().firstValue("access-control-allow-headers"))
        .contains(
            "authorization, content-type, x-stainless-os, x-stainless-retry-count, anthropic-beta");
    assertThat(preflight.headers().firstValue("access-control-allow-methods").orElse(""))
        .contains("POST");
    assertThat(call.statusCode()).isEqualTo(200);
    assertThat(refused.statusCode()).isEqualTo(401);
    for (HttpResponse<String> response : List.of(preflight, call, refused)) {
      assertThat(response.headers().firstValue("access-control-allow-origin"))
          .contains(TestedGateway.ORIGIN);
      assertThat(response.headers().firstValue("access-control-expose-headers").orElse(""))
          .contains("x-request-id", "retry-after", "x-ratelimit-remaining-tokens");
      assertThat(response.headers().allValues("vary")).contains("Origin");
      assertThat(response.headers().map()).doesNotContainKey("access-control-allow-credentials");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://localhost:5174", "https://localhost:5173", "null", "http://evil"})
  void scriptsOfOtherOriginsMayNot(String origin) throws Exception {
    HttpResponse<String> preflight = preflight(origin, "authorization");
    HttpResponse<String> call =
        post("/v1/chat/completions", ASK, "Origin", origin, "Authorization", bearer());

    assertThat(preflight.statusCode()).isEqualTo(403);
    assertThat(preflight.headers().map()).doesNotContainKey("access-control-allow-origin");
    assertThat(call.headers().map()).doesNotContainKey("access-control-allow-origin");
  }

  @Test
  void theConsolesApiIsForNoOtherOrigin() throws Exception {
    HttpResponse<String> preflight =
        send(
            http,
            "OPTIONS",
            "/api/v1/models",
            BodyPublishers.noBody(),
            "Origin",
            TestedGateway.ORIGIN,
            "Access-Control-Request-Method",
            "GET");

    assertThat(preflight.headers().map()).doesNotContainKey("access-control-allow-origin");
  }

  private HttpResponse<String> preflight(String origin, String headers) throws Exception {
    return send(
        http,
        "OPTIONS",
        "/v1/chat/completions",
        BodyPublishers.noBody(),
        "Origin",
        origin,
        "Access-Control-Request-Method",
        "POST",
        "Access-Control-Request-Headers",
        headers);
  }
}

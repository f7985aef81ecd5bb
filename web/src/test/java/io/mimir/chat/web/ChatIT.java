package io.mimir.chat.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.chat.web.Api.Answer;
import io.mimir.chat.web.Api.Events;
import io.mimir.llm.Provider;
import io.mimir.llm.service.StubProvider;
import io.mimir.web.MimirServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chat over HTTP, on the server as it is started for real, against a provider that is a stub. */
class ChatIT {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration NOTICED = Duration.ofSeconds(2);
  private static final String BOBS_PASSWORD = "a password for bob only";

  private static MimirServer server;
  private static StubProvider upstream;
  private static Api admin;
  private static Api bob;

  @BeforeAll
  static void start() throws IOException {
    upstream = StubProvider.start();
    server =
        MimirServer.start(
            Map.of(
                "MIMIR_ADMIN_USER", MimirServer.ADMIN,
                "MIMIR_ADMIN_PASSWORD", MimirServer.PASSWORD,
                "MIMIR_ENDPOINT_ALLOWLIST", "127.0.0.1"));
    admin = Api.withPassword(server.uri(), MimirServer.ADMIN, MimirServer.PASSWORD);
    Answer made =
        admin.post(
            "/settings/users",
            "{\"username\":\"bob\",\"password\":\"%s\",\"roles\":[\"user\"]}"
                .formatted(BOBS_PASSWORD));
    assertThat(made.status()).isEqualTo(201);
    bob = Api.withPassword(server.uri(), "bob", BOBS_PASSWORD);
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  private static final String MODELS =
      "\"available_models\":[\"say\",\"gpt-4\",\"claude-haiku-4-5\",\"llama3\",\"other\",\"fail-*\"]";

  /** Each test has keys of its own: failures and limits are remembered by key. */
  @BeforeEach
  void noKeys() {
    upstream.reset();
    upstream.say("Hello");
    admin.get("/settings/api-keys").json().forEach(key -> forget(key.path("id").asText()));
  }

  private static void forget(String key) {
    assertThat(admin.delete("/settings/api-keys/" + key).status()).isEqualTo(200);
  }

  private static String key(Provider provider) {
    return key(provider, "{}");
  }

  /** A key offers what it names: where a test does not say what, it is what the tests ask for. */
  private static String key(Provider provider, String metadata) {
    String named =
        metadata.contains("_model")
            ? metadata
            : metadata.replaceFirst("\\{", "{" + MODELS + (metadata.equals("{}") ? "" : ","));
    Answer made =
        admin.post(
            "/settings/api-keys",
            "{\"provider\":\"%s\",\"name\":\"mine\",\"key_value\":\"%s\",\"endpoint_url\":\"%s\",\"metadata\":%s}"
                .formatted(provider.wire(), StubProvider.KEY, upstream.url(), named));
    assertThat(made.status()).as(made.http().body()).isEqualTo(201);
    return made.text("id");
  }

  private static String conversation(Api api, String json) {
    Answer made = api.post("/chat", json);
    assertThat(made.status()).as(made.http().body()).isEqualTo(201);
    return made.text("id");
  }

  private static String message(String model, boolean stream) {
    return "{\"message\":\"Hi\",\"model_name\":\"%s\",\"stream\":%s}".formatted(model, stream);
  }

  private static String message(Provider provider, String model, boolean stream) {
    return "{\"message\":\"Hi\",\"model_provider\":\"%s\",\"model_name\":\"%s\",\"stream\":%s}"
        .formatted(provider.wire(), model, stream);
  }

  private static String said(Api api, String id) {
    List<String> all = new ArrayList<>();
    api.get("/chat/" + id)
        .json()
        .path("messages")
        .forEach(m -> all.add(m.path("role").asText() + ": " + m.path("content").asText()));
    return String.join(", ", all);
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it did not happen in time").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private static StubProvider.Seen asked() throws InterruptedException {
    assertThat(upstream.awaitQuestions(1, PATIENCE)).as("the provider was asked").isTrue();
    return upstream.lastQuestion();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "ollama", "custom"})
  void answersWhole(Provider provider) throws InterruptedException {
    key(provider);
    String id = conversation(bob, "{\"system_prompt\":\"Be brief\"}");

    Answer answer = bob.post("/chat/" + id + "/message", message(provider, "say", false));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text("conversation_id")).isEqualTo(id);
    assertThat(answer.json().at("/user_message/role").asText()).isEqualTo("user");
    assertThat(answer.json().at("/user_message/content").asText()).isEqualTo("Hi");
    assertThat(answer.json().path("user_message").has("usage")).isFalse();
    JsonNode reply = answer.json().path("assistant_reply");
    assertThat(reply.path("content").asText()).isEqualTo("Hello");
    assertThat(reply.path("model").asText()).isEqualTo("say");
    assertThat(reply.path("provider").asText()).isEqualTo(provider.wire());
    assertThat(reply.path("key_name").asText()).isEqualTo("mine");
    assertThat(reply.at("/usage/input_tokens").asInt()).isEqualTo(11);
    assertThat(reply.at("/usage/output_tokens").asInt()).isEqualTo(7);
    assertThat(said(bob, id)).isEqualTo("user: Hi, assistant: Hello");
    assertThat(asked().body()).contains("Be brief").contains("\"Hi\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "ollama", "custom"})
  void answersPieceByPieceWhileTheProviderStillSpeaks(Provider provider) {
    key(provider);
    String id = conversation(bob, "{}");

    try (Events events =
        bob.stream("/chat/" + id + "/message", message(provider, "fail-stall", true))) {
      assertThat(events.status()).isEqualTo(200);
      assertThat(events.header("Content-Type")).startsWith("text/event-stream");
      assertThat(events.header("Cache-Control")).contains("no-store");
      assertThat(events.header("X-Accel-Buffering")).isEqualTo("no");
      Events.Event first = events.next();
      assertThat(first.name()).isEqualTo("delta");
      assertThat(first.data().path("text").asText()).isEqualTo("H");

      upstream.release();

      Events.Event next = events.next();
      StringBuilder rest = new StringBuilder();
      while (next.name().equals("delta")) {
        rest.append(next.data().path("text").asText());
        next = events.next();
      }
      assertThat(rest).hasToString("ello");
      Events.Event done = next;
      assertThat(done.name()).isEqualTo("done");
      assertThat(done.data().path("conversation_id").asText()).isEqualTo(id);
      assertThat(done.data().at("/assistant_reply/content").asText()).isEqualTo("Hello");
      assertThat(done.data().at("/assistant_reply/usage/output_tokens").asInt()).isEqualTo(7);
      assertThat(events.next().name()).isNull();
    }
    assertThat(said(bob, id)).isEqualTo("user: Hi, assistant: Hello");
  }

  @Test
  void showsInSilenceThatItIsStillThere() {
    key(Provider.OLLAMA);
    String id = conversation(bob, "{}");

    try (Events events =
        bob.stream("/chat/" + id + "/message", message(Provider.OLLAMA, "fail-stall", true))) {
      events.next();
      CompletableFuture<Void> later =
          CompletableFuture.runAsync(
              upstream::release, CompletableFuture.delayedExecutor(1_500, TimeUnit.MILLISECONDS));
      events.next();
      later.join();

      assertThat(events.pings()).isGreaterThanOrEqualTo(2);
    }
  }

  /** A client that can be seen to leave: it sends a question and closes its connection. */
  private static Socket leaving(String id, String json) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.getOutputStream().write(raw(id, json).getBytes(UTF_8));
    return socket;
  }

  private static String raw(String id, String json) {
    return "POST /api/v1/chat/%s/message HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(id, bob.authorization(), json.getBytes(UTF_8).length, json);
  }

  private static void assertCancelledSince(long left) throws InterruptedException {
    assertThat(upstream.awaitDeparture(PATIENCE)).as("the call was cancelled").isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - left)).isLessThan(NOTICED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cancelsTheProviderWhenAClientLeavesBeforeAnythingIsSaid(boolean stream)
      throws IOException, InterruptedException {
    key(Provider.OLLAMA);
    String id = conversation(bob, "{}");
    Socket socket = leaving(id, message(Provider.OLLAMA, "fail-silent", stream));
    asked();

    long left = System.nanoTime();
    socket.close();

    assertCancelledSince(left);
    assertThat(said(bob, id)).isEqualTo("user: Hi");
  }

  @Test
  void cancelsTheProviderAndKeepsWhatWasSaidWhenAReaderStops()
      throws IOException, InterruptedException {
    key(Provider.OPENAI);
    String id = conversation(bob, "{}");
    Socket socket = leaving(id, message(Provider.OPENAI, "fail-stall", true));
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    String line = reader.readLine();
    while (!line.contains("\"H\"")) {
      line = reader.readLine();
    }

    long left = System.nanoTime();
    socket.close();

    assertCancelledSince(left);
    await(() -> said(bob, id).equals("user: Hi, assistant: H"));
  }

  @Test
  void isFreeForTheNextMessageAfterAClientLeft() throws IOException, InterruptedException {
    key(Provider.OLLAMA);
    String id = conversation(bob, "{}");
    Socket socket = leaving(id, message(Provider.OLLAMA, "fail-silent", false));
    asked();
    socket.close();
    assertThat(upstream.awaitDeparture(PATIENCE)).isTrue();

    await(
        () ->
            bob.post("/chat/" + id + "/message", message(Provider.OLLAMA, "say", false)).status()
                == 200);

    assertThat(said(bob, id)).isEqualTo("user: Hi, assistant: Hello");
  }

  /** A connection is watched for its end during a request: the next request must not suffer. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void answersOneQuestionAfterAnotherOnOneConnection(boolean stream) throws IOException {
    key(Provider.OLLAMA);
    String id = conversation(bob, "{}");
    String end = stream ? "event: done" : "assistant_reply";
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      for (int i = 0; i < 50; i++) {
        socket
            .getOutputStream()
            .write(raw(id, message(Provider.OLLAMA, "say", stream)).getBytes(UTF_8));
        assertThat(reader.readLine()).startsWith("HTTP/1.1 200");
        skipAnswer(reader, stream, end);
      }
    }
    assertThat(bob.get("/chat/" + id).json().path("messages")).hasSize(100);
  }

  private static void skipAnswer(BufferedReader reader, boolean stream, String end)
      throws IOException {
    int length = 0;
    for (String line = reader.readLine(); !line.isEmpty(); line = reader.readLine()) {
      if (line.startsWith("Content-Length: ")) {
        length = Integer.parseInt(line.substring(16));
      }
    }
    if (stream) {
      boolean seen = false;
      String line = reader.readLine();
      while (!line.equals("0")) {
        seen |= line.contains(end);
        line = reader.readLine();
      }
      assertThat(seen).isTrue();
      assertThat(reader.readLine()).isEmpty();
    } else {
      char[] body = new char[length];
      int read = 0;
      while (read < length) {
        read += reader.read(body, read, length - read);
      }
      assertThat(new String(body)).contains(end);
    }
  }

  @Test
  void takesOneMessageAtATime() {
    key(Provider.OLLAMA);
    String id = conversation(bob, "{}");
    String path = "/chat/" + id + "/message";
    try (Events first = bob.stream(path, message(Provider.OLLAMA, "fail-stall", true))) {
      first.next();

      Answer second = bob.post(path, message(Provider.OLLAMA, "say", false));
      upstream.release();

      assertThat(second.status()).isEqualTo(409);
      assertThat(second.text("code")).isEqualTo("in_use");
      Events.Event next = first.next();
      while (next.name().equals("delta")) {
        next = first.next();
      }
      assertThat(next.name()).isEqualTo("done");
    }
    assertThat(said(bob, id)).isEqualTo("user: Hi, assistant: Hello");
  }

  @ParameterizedTest
  @CsvSource({
    "fail-status_401, 502, provider_error, auth_failed",
    "fail-quota, 502, provider_error, quota_exceeded",
    "fail-status_403, 502, provider_error, forbidden",
    "fail-status_404, 404, model_not_found,",
    "fail-redirect_302, 502, provider_error, upstream_redirect",
    "fail-status_429, 429, rate_limited,",
    "fail-status_500, 502, provider_error, upstream_error",
    "fail-status_503, 502, provider_error, upstream_error",
    "fail-other_json, 502, provider_error, not_llm_api",
    "fail-html, 502, provider_error, not_llm_api",
  })
  void saysInItsOwnWordsThatAProviderFailed(String model, int status, String code, String reason) {
    for (boolean stream : new boolean[] {false, true}) {
      noKeys();
      String key = key(Provider.OPENAI);
      String id = conversation(bob, "{}");

      Answer answer = bob.post("/chat/" + id + "/message", message(Provider.OPENAI, model, stream));

      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
      assertThat(answer.text("code")).isEqualTo(code);
      assertThat(answer.json().at("/errors/0/code").asText(null)).isEqualTo(reason);
      assertThat(answer.http().body()).doesNotContain(StubProvider.KEY);
      assertThat(answer.header("Retry-After")).isEqualTo(status == 429 ? "7" : null);
      assertThat(said(bob, id)).isEqualTo("user: Hi");
      assertThat(lastUse(key)).isNull();
    }
  }

  private static String lastUse(String key) {
    return admin.get("/settings/api-keys/" + key).json().path("last_used_at").asText(null);
  }

  @Test
  void saysThatAProviderCannotBeReached() throws IOException {
    StubProvider gone = StubProvider.start();
    gone.close();
    admin.post(
        "/settings/api-keys",
        "{\"provider\":\"custom\",\"name\":\"gone\",\"endpoint_url\":\"%s\",\"metadata\":{\"available_models\":[\"say\"]}}"
            .formatted(gone.url()));
    String id = conversation(bob, "{}");

    Answer answer = bob.post("/chat/" + id + "/message", message(Provider.CUSTOM, "say", false));

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.json().at("/errors/0/code").asText()).isEqualTo("unreachable");
  }

  @Test
  void endsAStreamThatBreaksOffWithAProblemAndKeepsWhatWasSeen() {
    key(Provider.OPENAI);
    String id = conversation(bob, "{}");

    try (Events events =
        bob.stream("/chat/" + id + "/message", message(Provider.OPENAI, "fail-cut", true))) {
      assertThat(events.next().name()).isEqualTo("delta");
      Events.Event error = events.next();
      assertThat(error.name()).isEqualTo("error");
      assertThat(error.data().path("status").asInt()).isEqualTo(502);
      assertThat(error.data().path("code").asText()).isEqualTo("provider_error");
      assertThat(error.data().path("request_id").asText()).startsWith("req_");
      assertThat(events.next().name()).isNull();
    }
    assertThat(said(bob, id)).isEqualTo("user: Hi, assistant: H");
  }

  @Test
  void endsAStreamThatStallsForLongerThanTheKeySays() {
    key(Provider.OLLAMA, "{\"timeout_seconds\":1}");
    String id = conversation(bob, "{}");

    try (Events events =
        bob.stream("/chat/" + id + "/message", message(Provider.OLLAMA, "fail-stall", true))) {
      assertThat(events.next().name()).isEqualTo("delta");
      Events.Event error = events.next();
      assertThat(error.name()).isEqualTo("error");
      assertThat(error.data().path("code").asText())
          .as(error.data().toString())
          .isEqualTo("provider_timeout");
    }
  }

  @Test
  void countsAUseOfTheKeyOnceItAnswered() {
    String key = key(Provider.OLLAMA);
    String id = conversation(bob, "{}");
    assertThat(lastUse(key)).isNull();

    bob.post("/chat/" + id + "/message", message(Provider.OLLAMA, "say", false));

    assertThat(lastUse(key)).isNotNull();
  }

  @Test
  void waitsAsLongAsTheKeySaysAndNoLonger() {
    key(Provider.OLLAMA, "{\"timeout_seconds\":1}");
    String id = conversation(bob, "{}");
    long begun = System.nanoTime();

    Answer answer =
        bob.post("/chat/" + id + "/message", message(Provider.OLLAMA, "fail-silent", false));

    assertThat(answer.status()).isEqualTo(504);
    assertThat(answer.text("code")).isEqualTo("provider_timeout");
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(4));
  }

  @Test
  void saysWhenAKeyIsAtItsLimit() {
    key(Provider.OLLAMA, "{\"rate_limit\":1}");
    String id = conversation(bob, "{}");
    String path = "/chat/" + id + "/message";
    assertThat(bob.post(path, message(Provider.OLLAMA, "say", false)).status()).isEqualTo(200);

    Answer answer = bob.post(path, message(Provider.OLLAMA, "say", false));

    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.text("code")).isEqualTo("rate_limited");
    assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(30, 60);
  }

  @Test
  void saysThatThereIsNoKey() {
    String id = conversation(bob, "{}");

    Answer answer = bob.post("/chat/" + id + "/message", message(Provider.OPENAI, "gpt-4", true));

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.text("code")).isEqualTo("no_usable_key");
  }

  @Test
  void doesNotGuessWhoseModelAnUnknownOneIs() {
    key(Provider.OLLAMA);
    String id = conversation(bob, "{}");

    Answer answer = bob.post("/chat/" + id + "/message", message("never-heard-of", false));

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text("code")).isEqualTo("model_not_found");
    assertThat(upstream.questions()).isEmpty();
  }

  @Test
  void asksTheOnlyDefaultModelWhenNoneIsNamed() throws InterruptedException {
    key(Provider.OLLAMA, "{\"default_model\":\"say\"}");
    String id = conversation(bob, "{}");

    Answer answer = bob.post("/chat/" + id + "/message", "{\"message\":\"Hi\"}");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(asked().body()).contains("\"model\":\"say\"");
    assertThat(bob.get("/chat/" + id).text("model_name")).isEqualTo("say");
  }

  @Test
  void wantsToKnowTheModelWhenSeveralSuggestThemselves() {
    key(Provider.OLLAMA, "{\"default_model\":\"say\"}");
    key(Provider.OPENAI, "{\"default_model\":\"gpt-4\"}");
    String id = conversation(bob, "{}");

    Answer answer = bob.post("/chat/" + id + "/message", "{\"message\":\"Hi\"}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/field").asText()).isEqualTo("model_name");
  }

  @Test
  void knowsAModelByItsLabel() throws InterruptedException {
    key(Provider.OPENAI);
    String id = conversation(bob, "{}");

    bob.post("/chat/" + id + "/message", message("GPT-4", false));

    assertThat(asked().body()).contains("\"model\":\"gpt-4\"");
  }

  @Test
  void keepsAConversationFromEveryoneElse() {
    String id = conversation(bob, "{\"title\":\"Mine\"}");

    for (Answer answer :
        List.of(
            admin.get("/chat/" + id),
            admin.put("/chat/" + id, "{\"title\":\"Yours\"}"),
            admin.delete("/chat/" + id),
            admin.post("/chat/" + id + "/message", "{\"message\":\"Hi\"}"),
            admin.post("/chat/" + id + "/message", "{\"message\":\"Hi\",\"stream\":true}"),
            bob.get("/chat/conv_unknown"))) {
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.text("code")).isEqualTo("not_found");
    }
    assertThat(admin.get("/chat?limit=500").http().body()).doesNotContain(id);
    assertThat(bob.get("/chat/" + id).text("title")).isEqualTo("Mine");
  }

  @Test
  void changesAndDeletesAConversation() {
    String id = conversation(bob, "{\"title\":\"Eggs\",\"system_prompt\":\"Be brief\"}");

    Answer changed = bob.put("/chat/" + id, "{\"title\":\"Potatoes\",\"system_prompt\":\"\"}");

    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.text("title")).isEqualTo("Potatoes");
    assertThat(changed.json().path("system_prompt").isNull()).isTrue();
    assertThat(bob.delete("/chat/" + id).text("id")).isEqualTo(id);
    assertThat(bob.get("/chat/" + id).status()).isEqualTo(404);
  }

  @Test
  void stopsTheAnswerOfAConversationThatIsDeleted() throws InterruptedException {
    key(Provider.OLLAMA);
    String id = conversation(bob, "{}");
    CompletableFuture<Answer> answer =
        CompletableFuture.supplyAsync(
            () ->
                bob.post(
                    "/chat/" + id + "/message", message(Provider.OLLAMA, "fail-silent", false)));
    asked();

    long deleted = System.nanoTime();
    bob.delete("/chat/" + id);

    assertCancelledSince(deleted);
    assertThat(answer.join().status()).isEqualTo(404);
  }

  @Test
  void refusesWhatIsTooLongOrEmpty() {
    String id = conversation(bob, "{}");

    Answer empty = bob.post("/chat/" + id + "/message", "{\"message\":\" \"}");
    Answer title = bob.put("/chat/" + id, "{\"title\":\"%s\"}".formatted("x".repeat(201)));
    Answer prompt = bob.post("/chat", "{\"system_prompt\":\"%s\"}".formatted("x".repeat(32_769)));

    assertThat(empty.status()).isEqualTo(400);
    assertThat(empty.text("code")).isEqualTo("missing_field");
    assertThat(title.status()).isEqualTo(422);
    assertThat(title.json().at("/errors/0/field").asText()).isEqualTo("title");
    assertThat(prompt.status()).isEqualTo(422);
    assertThat(prompt.json().at("/errors/0/field").asText()).isEqualTo("system_prompt");
  }

  @Test
  void listsConversationsPageByPageTheLatestFirst() {
    bob.get("/chat?limit=500").json().forEach(c -> bob.delete("/chat/" + c.path("id").asText()));
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(0, conversation(bob, "{}"));
    }

    List<String> seen = new ArrayList<>();
    String next = "/chat?limit=2";
    while (next != null) {
      Answer page = bob.get(next);
      page.json().forEach(c -> seen.add(c.path("id").asText()));
      assertThat(page.json().size()).isLessThanOrEqualTo(2);
      String link = page.header("Link");
      next = link == null ? null : link.substring("</api/v1".length(), link.indexOf('>'));
    }

    assertThat(seen).isEqualTo(made);
    assertThat(bob.get("/chat?cursor=nonsense").status()).isEqualTo(400);
    assertThat(bob.get("/chat").json().get(0).has("messages")).isFalse();
  }

  @Test
  void listsTheModelsThatCanBeReached() {
    key(Provider.OLLAMA, "{\"available_models\":[\"llama3\",\"own\"]}");

    JsonNode models = bob.get("/models").json();

    assertThat(models).hasSize(2);
    assertThat(models.get(0).path("id").asText()).isEqualTo("llama3");
    assertThat(models.get(0).path("provider").asText()).isEqualTo("ollama");
    assertThat(models.get(0).path("label").asText()).isEqualTo("Llama 3");
    assertThat(models.get(0).path("key_count").asInt()).isEqualTo(1);
  }

  private static Api token(String more) {
    Answer made =
        bob.post("/account/tokens", "{\"name\":\"t\",\"scopes\":[\"chat\"]%s}".formatted(more));
    assertThat(made.status()).as(made.http().body()).isEqualTo(201);
    return Api.withToken(server.uri(), made.text("token"));
  }

  @Test
  void letsATokenAskTheModelsOnItsListOnly() {
    key(Provider.OLLAMA, "{\"available_models\":[\"say\",\"other\"]}");
    Api token = token(",\"models\":[\"say\"]");
    String id = conversation(token, "{}");

    Answer refused = token.post("/chat/" + id + "/message", message("other", false));
    Answer answered = token.post("/chat/" + id + "/message", message("say", false));

    assertThat(refused.status()).isEqualTo(404);
    assertThat(refused.text("code")).isEqualTo("model_not_found");
    assertThat(answered.status()).isEqualTo(200);
    assertThat(token.get("/models").json()).hasSize(1);
    assertThat(bob.get("/models").json()).hasSize(2);
  }

  @Test
  void letsATokenAskAsOftenAsItSays() {
    key(Provider.OLLAMA);
    Api token = token(",\"requests_per_minute\":1");
    String path = "/chat/" + conversation(token, "{}") + "/message";
    assertThat(token.post(path, message(Provider.OLLAMA, "say", false)).status()).isEqualTo(200);

    Answer answer = token.post(path, message(Provider.OLLAMA, "say", true));

    assertThat(answer.status()).isEqualTo(429);
    assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(30, 60);
  }

  @Test
  void showsNoKeyOnTheTerminal() {
    key(Provider.OPENAI);
    String id = conversation(bob, "{}");
    bob.post("/chat/" + id + "/message", message(Provider.OPENAI, "fail-status_401", false));

    assertThat(server.terminal()).doesNotContain(StubProvider.KEY);
  }
}

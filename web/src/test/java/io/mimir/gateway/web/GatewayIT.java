package io.mimir.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.llm.service.StubProvider;
import io.mimir.llm.service.StubProvider.Misbehaviour;
import io.mimir.metrics.service.Exposition;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The gateway as its clients see it when keys and providers fail, and what it never does. */
class GatewayIT {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String CANARY = "sk-CANARY-5b1f0c52-7d4e-4a0e-9d8c-0f6b1f0c52aa";
  private static final String ASK =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
  private static final String STREAM =
      "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

  private static TestedGateway gateway;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<StubProvider> stubs = new ArrayList<>();
  private int named;

  @BeforeAll
  static void server() throws IOException {
    gateway = TestedGateway.shared();
  }

  @BeforeEach
  void forget() {
    gateway.forgetKeys();
  }

  @AfterEach
  void close() {
    gateway.forgetKeys();
    stubs.forEach(StubProvider::close);
  }

  /** A provider of its own with one key. */
  private StubProvider key(Misbehaviour how, String... metadata) throws IOException {
    StubProvider stub = StubProvider.start().expectKey(CANARY).misbehave(how);
    stubs.add(stub);
    keyFor(stub.url(), metadata);
    return stub;
  }

  private void keyFor(String url, String... metadata) throws IOException {
    gateway.settings(
        "POST",
        "/api-keys",
        "{\"provider\":\"custom\",\"name\":\"k%d\",\"key_value\":\"%s\",\"endpoint_url\":\"%s\",\"metadata\":{\"available_models\":[\"m\"]%s}}"
            .formatted(
                ++named,
                CANARY,
                url,
                metadata.length == 0 ? "" : "," + String.join(",", metadata)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(gateway.url() + path))
        .timeout(Duration.ofSeconds(30))
        .header("Content-Type", "application/json");
  }

  private HttpResponse<String> post(String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request(path).header("Authorization", "Bearer " + gateway.gatewayToken());
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    HttpResponse<String> response =
        http.send(request.POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    assertThat(response.body() + response.headers().map()).doesNotContain("CANARY-5b1f");
    return response;
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    return JSON.readTree(response.body());
  }

  /**
   * Requests by the template of their route, providers by their protocol; nothing is counted twice.
   */
  @Test
  void callsAreMeasuredAtTheDoorAndAtTheProvider() throws Exception {
    key(Misbehaviour.NONE);
    String route = "mimir_http_request_duration_seconds";
    String[] good = {"route", "/v1/chat/completions", "method", "POST", "status", "2xx"};
    String[] bad = {"route", "/v1/chat/completions", "method", "POST", "status", "4xx"};
    String[] provider = {"provider", "custom", "protocol", "openai_chat"};
    String[] success = {"provider", "custom", "protocol", "openai_chat", "outcome", "success"};
    Exposition before = numbers();

    for (int i = 0; i < 4; i++) {
      assertThat(post("/v1/chat/completions", question(i)).statusCode()).isEqualTo(200);
    }
    assertThat(post("/v1/chat/completions", "{\"model\":\"no-such-model\"}").statusCode())
        .isEqualTo(404);

    Exposition after = numbers();
    assertThat(grown(before, after, route, good)).isEqualTo(4);
    assertThat(grown(before, after, route, bad)).isEqualTo(1);
    assertThat(grown(before, after, "mimir_provider_requests_total", success)).isEqualTo(4);
    assertThat(grown(before, after, "mimir_provider_request_duration_seconds", provider))
        .isEqualTo(4);
    assertThat(grown(before, after, "mimir_provider_first_byte_seconds", provider)).isEqualTo(4);
  }

  private Exposition numbers() throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request("/metrics").setHeader("Authorization", "Bearer " + gateway.token("n", "metrics"));
    return Exposition.of(http.send(request.build(), BodyHandlers.ofString()).body());
  }

  private static double grown(Exposition from, Exposition to, String name, String... labels) {
    Double before = from.value(name, labels);
    return to.value(name, labels) - (before == null ? 0 : before);
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "STATUS_401",
        "STATUS_403",
        "STATUS_404",
        "STATUS_429",
        "QUOTA",
        "NO_CREDIT",
        "STATUS_500",
        "STATUS_503",
        "REDIRECT_307",
        "HTML",
        "LONG_HEADER"
      })
  void aKeyThatFailsGivesWayAndNoCallFails(Misbehaviour how) throws Exception {
    StubProvider bad = key(how);
    StubProvider good = key(Misbehaviour.NONE);

    for (int i = 0; i < 30; i++) {
      HttpResponse<String> response = post("/v1/chat/completions", question(i));
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(response.body()).contains(i % 2 == 0 ? "You said: Hi" : "data: [DONE]");
    }

    assertThat(good.questions()).hasSize(30);
    assertThat(bad.requests()).isNotEmpty();
  }

  /** Half of them whole and half streamed, each the beginning of a conversation of its own. */
  private static String question(int number) {
    return (number % 2 == 0 ? ASK : STREAM).replace("Hi", "Hi " + number);
  }

  /**
   * Nobody else is asked, since it may be paid already; but soon it is the last one to be asked.
   */
  @Test
  void aKeyThatHangsIsToldOfAndThenAskedLast() throws Exception {
    key(Misbehaviour.SILENT, "\"timeout_seconds\":1");
    key(Misbehaviour.NONE);

    Map<Integer, Integer> statuses = new HashMap<>();
    for (int i = 0; i < 60; i++) {
      statuses.merge(post("/v1/chat/completions", question(i)).statusCode(), 1, Integer::sum);
    }

    assertThat(statuses).containsOnly(Map.entry(200, 57), Map.entry(504, 3));
  }

  @ParameterizedTest
  @EnumSource(names = {"STATUS_401", "STATUS_429", "STATUS_500"})
  void underLoadOneOfThreeKeysMayFailWithoutAFailedCall(Misbehaviour how) throws Exception {
    StubProvider changing = key(Misbehaviour.NONE, "\"timeout_seconds\":1");
    key(Misbehaviour.NONE);
    key(Misbehaviour.NONE);
    Map<Integer, Integer> statuses = new HashMap<>();
    for (int round = 0; round < 5; round++) {
      changing.misbehave(round < 1 ? Misbehaviour.NONE : how);
      for (HttpResponse<String> response : together(40)) {
        statuses.merge(response.statusCode(), 1, Integer::sum);
        assertThat(response.body()).containsAnyOf("You said: Hi", "data: [DONE]");
      }
    }

    assertThat(statuses).containsExactlyEntriesOf(Map.of(200, 200));
    assertThat(changing.requests()).as("it had its share, and then was left alone").isNotEmpty();
  }

  @Test
  void underLoadAKeyWhoseStreamsDieCostsTheStreamsThatItHadAndNoOther() throws Exception {
    StubProvider dying = key(Misbehaviour.CUT);
    key(Misbehaviour.NONE);
    int broken = 0;
    for (int round = 0; round < 4; round++) {
      for (HttpResponse<String> response : together(40)) {
        assertThat(response.statusCode()).isEqualTo(200);
        boolean whole = response.body().contains("You said: Hi");
        boolean streamed = response.body().contains("data: [DONE]");
        if (!whole && !streamed) {
          assertThat(lastLine(response)).startsWith("data: {\"error\":");
          broken++;
        }
      }
    }

    assertThat(broken).isBetween(1, dying.questions().size()).isLessThan(80);
  }

  /** Half of them whole and half streamed, all at once. */
  private List<HttpResponse<String>> together(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                http.sendAsync(
                    request("/v1/chat/completions")
                        .header("Authorization", "Bearer " + gateway.gatewayToken())
                        .POST(BodyPublishers.ofString(question(i)))
                        .build(),
                    BodyHandlers.ofString()))
        .toList()
        .stream()
        .map(CompletableFuture::join)
        .toList();
  }

  @Test
  void whatTheCallerDoesNotLimitIsLimitedByTheKeyWhereTheProviderWantsToKnow() throws Exception {
    gateway.upstream().reset();
    gateway.upstream().answer("/v1/messages", "anthropic/message.json");
    gateway.settings(
        "POST",
        "/api-keys",
        "{\"provider\":\"anthropic\",\"name\":\"long\",\"key_value\":\"%s\",\"metadata\":{\"available_models\":[\"m\"],\"max_tokens\":9000}}"
            .formatted(CANARY));

    HttpResponse<String> response = post("/v1/chat/completions", ASK);

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(
            JSON.readTree(gateway.upstream().onlyAsked("/v1/messages").body())
                .path("max_tokens")
                .asInt())
        .isEqualTo(9000);
  }

  /** Else what each call writes, and whoever copies it, costs more than the call. */
  @Test
  void aCallThatSucceedsLeavesNothingInTheLog() throws Exception {
    key(Misbehaviour.NONE);
    assertThat(post("/v1/chat/completions", ASK).statusCode()).isEqualTo(200);
    long before = gateway.said().lines().count();

    for (int i = 0; i < 5; i++) {
      assertThat(post("/v1/chat/completions", ASK).statusCode()).isEqualTo(200);
      assertThat(post("/v1/chat/completions", STREAM).statusCode()).isEqualTo(200);
    }

    assertThat(gateway.said().lines().count() - before).as("lines, of ten calls").isLessThan(5);
  }

  @Test
  void allThatIsReachedInTheServerIsWhereItIsExpected() throws Exception {
    key(Misbehaviour.NONE);
    assertThat(post("/v1/chat/completions", ASK).statusCode()).isEqualTo(200);
    assertThat(post("/v1/chat/completions", STREAM).statusCode()).isEqualTo(200);

    assertThat(gateway.said()).doesNotContain("\"logger\":\"io.mimir.web.payara.");
  }

  @Test
  void responsesAreHadFromAProviderThatKnowsChatOnly() throws Exception {
    StubProvider stub = key(Misbehaviour.NONE);

    HttpResponse<String> whole = post("/v1/responses", "{\"model\":\"m\",\"input\":\"Hi\"}");
    HttpResponse<String> stream =
        post("/v1/responses", "{\"model\":\"m\",\"input\":\"Hi\",\"stream\":true}");

    assertThat(whole.statusCode()).as(whole.body()).isEqualTo(200);
    JsonNode answer = json(whole);
    assertThat(answer.path("object").asText()).isEqualTo("response");
    assertThat(answer.path("status").asText()).isEqualTo("completed");
    assertThat(answer.at("/output/0/content/0/text").asText()).startsWith("You said: Hi");
    assertThat(stream.statusCode()).as(stream.body()).isEqualTo(200);
    assertThat(stream.body())
        .contains("event: response.created", "event: response.output_text.delta")
        .contains("event: response.completed");
    assertThat(stub.requests())
        .extracting(StubProvider.Seen::path)
        .contains("/v1/responses", "/v1/chat/completions");
  }

  @Test
  void aStreamThatDiesEndsWithTheProtocolsError() throws Exception {
    key(Misbehaviour.CUT);

    HttpResponse<String> openAi = post("/v1/chat/completions", STREAM);
    // Each with a key of its own: one that has failed is left alone for a while.
    gateway.forgetKeys();
    key(Misbehaviour.CUT);
    HttpResponse<String> anthropic =
        post(
            "/v1/messages",
            "{\"model\":\"m\",\"max_tokens\":9,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
    gateway.forgetKeys();
    key(Misbehaviour.CUT);
    HttpResponse<String> ollama =
        post(
            "/ollama/api/chat",
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");

    assertThat(openAi.body()).contains("\"delta\"").doesNotContain("[DONE]");
    assertThat(lastLine(openAi)).startsWith("data: {\"error\":{\"message\":");
    assertThat(anthropic.body()).contains("event: error\ndata: {\"type\":\"error\"");
    assertThat(lastLine(ollama)).startsWith("{\"error\":\"");
  }

  private static String lastLine(HttpResponse<String> response) {
    return response.body().strip().lines().reduce((a, b) -> b).orElse("");
  }

  @ParameterizedTest
  @CsvSource({
    "STATUS_401, 502, provider_error, 1, false",
    "STATUS_404, 404, model_not_found, 1, ",
    "STATUS_429, 429, rate_limited, 1, ",
    "STATUS_500, 500, provider_error, 3, false",
    "HTML, 502, provider_error, 1, false"
  })
  void aloneItsFailureIsToldInTheProtocolAndTriedAgainWhereThatHelps(
      Misbehaviour how, int status, String code, int attempts, String shouldRetry)
      throws Exception {
    StubProvider stub = key(how);

    HttpResponse<String> response = post("/v1/chat/completions", ASK);

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(json(response).at("/error/code").asText()).isEqualTo(code);
    assertThat(json(response).at("/error").has("param")).isTrue();
    assertThat(response.headers().firstValue("x-should-retry"))
        .isEqualTo(Optional.ofNullable(shouldRetry));
    assertThat(response.headers().firstValue("x-request-id")).isPresent();
    assertThat(stub.questions()).hasSize(attempts);
    if (how == Misbehaviour.STATUS_429) {
      assertThat(response.headers().firstValue("retry-after")).contains("7");
      HttpResponse<String> next = post("/v1/chat/completions", ASK);
      assertThat(next.statusCode()).as("without asking again").isEqualTo(429);
      assertThat(stub.questions()).hasSize(1);
    }
  }

  @Test
  void whatIsWrongWithAQuestionIsSaidUnlessItRepeatsTheKey() throws Exception {
    StubProvider stub = key(Misbehaviour.STATUS_400);

    HttpResponse<String> response = post("/v1/chat/completions", ASK);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).at("/error/message").asText()).startsWith("The provider refused");
    assertThat(stub.questions()).hasSize(1);
  }

  @Test
  void anImitatorThatKnowsNoStreamOptionsIsAskedWithoutThem() throws Exception {
    StubProvider stub = key(Misbehaviour.STRICT);

    HttpResponse<String> response = post("/v1/chat/completions", STREAM);

    assertThat(response.body()).contains("data: [DONE]");
    assertThat(stub.questions()).hasSize(2);
    assertThat(stub.lastQuestion().body()).isEqualTo(STREAM);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/messages|{'model':'m','max_tokens':9,'stream':true,'messages':[{'role':'user','content':'Hi'}]}|event:"
            + " message_stop",
        "/v1/responses|{'model':'m','stream':true,'input':'Hi'}|event: response.completed",
        "/ollama/api/chat|{'model':'m','messages':[{'role':'user','content':'Hi'}]}|\"done\":true"
      })
  void theSameHoldsForQuestionsOfOtherProtocols(String path, String question, String end)
      throws Exception {
    StubProvider stub = key(Misbehaviour.STRICT);

    HttpResponse<String> response = post(path, question.replace('\'', '"'));

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.body()).contains(end);
    assertThat(stub.lastQuestion().body())
        .contains("\"stream\":true")
        .doesNotContain("stream_options");
  }

  @Test
  void bytesOfAQuestionGoOnAsTheyCameWithTheKeyInPlaceOfTheToken() throws Exception {
    StubProvider stub = key(Misbehaviour.NONE);
    String odd =
        "{ \"messages\":[{\"role\":\"user\",\"content\":\"\\u00e4 ä\"}],\n"
            + " \"model\" : \"m\", \"seed\":1.50, \"unknown\":{} }";

    assertThat(post("/v1/chat/completions", odd).statusCode()).isEqualTo(200);

    assertThat(stub.lastQuestion().body()).isEqualTo(odd);
    assertThat(stub.lastQuestion().headers()).containsEntry("authorization", "Bearer " + CANARY);
    assertThat(stub.lastQuestion().headers().toString()).doesNotContain("mimir_");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x-base-url",
        "x-api-base",
        "api-base",
        "x-portkey-custom-host",
        "helicone-target-url"
      })
  void aCallerCannotSayWhereAKeyGoes(String header) throws Exception {
    StubProvider stub = key(Misbehaviour.NONE);

    assertThat(post("/v1/chat/completions", ASK, header, "http://evil.test").statusCode())
        .isEqualTo(400);
    assertThat(
            post("/v1/chat/completions", ASK.replace("{\"model\"", "{\"base_url\":\"x\",\"model\""))
                .statusCode())
        .isEqualTo(400);
    assertThat(stub.questions()).isEmpty();
  }

  @Test
  void organizationsAndProjectsOfACallerAreNotPassedOn() throws Exception {
    StubProvider stub = key(Misbehaviour.NONE);

    post("/v1/chat/completions", ASK, "OpenAI-Organization", "org-x", "OpenAI-Project", "p");

    assertThat(stub.lastQuestion().headers())
        .doesNotContainKeys("openai-organization", "openai-project");
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, /error/code",
    "/v1/messages, /error/type",
    "/ollama/api/chat, /error"
  })
  void withoutATokenNothingIsAskedAndTheProtocolSaysSo(String path, String member)
      throws Exception {
    StubProvider stub = key(Misbehaviour.NONE);
    for (String token : List.of("", "Bearer mimir_no", "Bearer " + CANARY, "Basic YTpi")) {
      HttpRequest.Builder request = request(path).POST(BodyPublishers.ofString(ASK));
      if (!token.isEmpty()) {
        request.header("Authorization", token);
      }

      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());

      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(json(response).at(member).asText()).isNotBlank();
      assertThat(response.body()).doesNotContain("CANARY");
    }
    assertThat(stub.questions()).isEmpty();
  }

  @Test
  void aTokenWithoutTheScopeIsRefused() throws Exception {
    key(Misbehaviour.NONE);

    HttpResponse<String> response =
        post("/v1/chat/completions", ASK, "Authorization", "Bearer " + gateway.settingsToken());

    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(json(response).at("/error/type").asText()).isEqualTo("permission_error");
  }

  @Test
  void aTokensOwnLimitsHold() throws Exception {
    key(Misbehaviour.NONE);
    String token =
        gateway
            .inPerson(
                "POST",
                "/tokens",
                "{\"name\":\"limited\",\"scopes\":[\"gateway\"],\"models\":[\"m\"],\"requests_per_minute\":2}")
            .path("token")
            .asText();

    HttpResponse<String> first =
        post("/v1/chat/completions", ASK, "Authorization", "Bearer " + token);
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.headers().firstValue("x-ratelimit-limit-requests")).contains("2");
    assertThat(
            post("/v1/chat/completions", ASK, "Authorization", "Bearer " + token)
                .headers()
                .firstValue("x-ratelimit-remaining-requests"))
        .contains("0");
    HttpResponse<String> third =
        post("/v1/chat/completions", ASK, "Authorization", "Bearer " + token);
    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.headers().firstValue("retry-after")).isPresent();
    assertThat(
            post(
                    "/v1/chat/completions",
                    ASK.replace("\"m\"", "\"gpt-4\""),
                    "Authorization",
                    "Bearer " + token)
                .statusCode())
        .isEqualTo(404);
  }

  @Test
  void aClientThatLeavesEndsTheProvidersWork() throws Exception {
    StubProvider stub = key(Misbehaviour.STALL);
    HttpResponse<InputStream> response =
        http.send(
            request("/v1/chat/completions")
                .header("Authorization", "Bearer " + gateway.gatewayToken())
                .POST(BodyPublishers.ofString(STREAM))
                .build(),
            BodyHandlers.ofInputStream());
    assertThat(response.body().read()).isEqualTo('d');

    response.body().close();

    assertThat(stub.awaitDeparture(Duration.ofSeconds(2))).isTrue();
  }

  @Test
  void aClientThatLeavesBeforeTheFirstByteEndsItToo() throws Exception {
    StubProvider stub = key(Misbehaviour.SILENT);
    CompletableFuture<HttpResponse<String>> call =
        http.sendAsync(
            request("/v1/chat/completions")
                .header("Authorization", "Bearer " + gateway.gatewayToken())
                .POST(BodyPublishers.ofString(ASK))
                .build(),
            BodyHandlers.ofString());
    assertThat(stub.awaitQuestions(1, Duration.ofSeconds(10))).isTrue();

    call.cancel(true);

    assertThat(stub.awaitDeparture(Duration.ofSeconds(3))).isTrue();
  }

  @Test
  void usageIsCountedByKeyTokenAndModelAndWordsAreNotKept() throws Exception {
    key(Misbehaviour.NONE);
    String words = "a-secret-question-7f3a";
    post("/v1/chat/completions", ASK.replace("Hi", words));
    post("/v1/chat/completions", STREAM.replace("Hi", words));

    JsonNode usage = gateway.get("/api/v1/usage?group_by=model");

    JsonNode row = usage.get(0);
    for (JsonNode one : usage) {
      row = one.path("model").asText().equals("m") ? one : row;
    }
    assertThat(row.path("input_tokens").asLong()).isPositive();
    assertThat(row.path("output_tokens").asLong()).isPositive();
    assertThat(gateway.filesWith(words)).isEmpty();
    assertThat(gateway.filesWith("CANARY-5b1f")).isEmpty();
  }

  @Test
  void otherAddressesPassForWhoMayAndAreNothingForOthers() throws Exception {
    key(Misbehaviour.NONE);

    HttpResponse<String> tuning =
        http.send(
            request("/v1/fine_tuning/jobs")
                .header("Authorization", "Bearer " + gateway.gatewayToken())
                .GET()
                .build(),
            BodyHandlers.ofString());
    assertThat(tuning.statusCode()).isEqualTo(404);
    assertThat(json(tuning).at("/error/code").asText()).isEqualTo("not_found");
    assertThat(post("/v1/moderations", "{\"input\":\"x\"}").statusCode())
        .as("a model is missing")
        .isEqualTo(400);
    assertThat(post("/v1/../api/v1/settings/api-keys", ASK).statusCode()).isBetween(400, 404);
    assertThat(post("/v1/messages/batch", ASK).statusCode()).isEqualTo(404);
    assertThat(post("/v1/organizations/users", ASK, "anthropic-version", "2023-06-01").statusCode())
        .isEqualTo(404);
  }

  /** As bytes, because clients tidy such addresses up. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/../metrics",
        "/v1/%2e%2e/metrics",
        "/v1/..;/metrics",
        "/v1;/../metrics",
        "/ollama/../metrics",
        "/assets/../metrics",
        "/assets/..;x=1/metrics",
        "/health/%2e%2e/metrics",
        "/metric%73",
        "/v1/../api/v1/settings/api-keys",
        "/assets/../api/v1/settings/api-keys",
        "/v1/../usage",
        "/v1/../settings/users"
      })
  void noSpellingOfAnAddressLeadsPastTheDoor(String path) throws Exception {
    URI base = URI.create(gateway.url());
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket.setSoTimeout(10_000);
      String head =
          "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".formatted(path);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(answer).doesNotContain("mimir_requests_total", "key_hint", "<table");
      assertThat(answer.substring(9, 12)).isIn("301", "302", "400", "401", "404");
    }
  }

  @Test
  void bodiesHaveALimitAndWhatIsNoJsonIsToldWhere() throws Exception {
    key(Misbehaviour.NONE);

    HttpResponse<String> large =
        post(
            "/v1/chat/completions",
            ASK.replace("Hi", new String(new byte[33 * 1024 * 1024], StandardCharsets.UTF_8)));
    HttpResponse<String> broken = post("/v1/chat/completions", "{\"model\":\"m\",}");

    assertThat(large.statusCode()).isEqualTo(413);
    assertThat(broken.statusCode()).isEqualTo(400);
    assertThat(json(broken).at("/error/message").asText()).contains("line 1, column");
  }

  @Test
  void anAnswerThatIsTooLargeToBeHeldComesByteForByte() throws Exception {
    String vector = "0.125,".repeat(400_000) + "0.5";
    String whole =
        "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[%s]}],\"model\":\"m\",\"usage\":{\"prompt_tokens\":1,\"total_tokens\":1}}"
            .formatted(vector);
    try (ScriptedProvider provider = ScriptedProvider.start()) {
      provider.answer("/v1/embeddings", ScriptedProvider.Reply.json(200, whole));
      keyFor(provider.url() + "/v1");

      HttpResponse<String> response = post("/v1/embeddings", "{\"model\":\"m\",\"input\":\"Hi\"}");

      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body().equals(whole)).as("%d characters", whole.length()).isTrue();
    }
  }
}

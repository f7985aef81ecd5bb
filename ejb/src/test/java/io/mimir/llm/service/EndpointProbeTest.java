package io.mimir.llm.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Probe;
import io.mimir.llm.Provider;
import io.mimir.llm.ProviderOperation;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.EgressClients;
import io.mimir.security.NamedSecrets;
import io.mimir.security.Secret;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a test of a key says where it cannot know, and where other tests said too much. */
class EndpointProbeTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String KEY = "sk-CANARY-0123456789";
  private static final Secret NONE = Secret.of("");
  private static final String MODELS = "{\"data\":[{\"id\":\"m1\"},{\"id\":\"m2\"}]}";

  private static EndpointProbe probes;

  private DocumentedProvider server;

  @BeforeAll
  static void open() {
    probes = new EndpointProbe();
    probes.egress = EgressClients.open("127.0.0.1");
  }

  @AfterAll
  static void shut() {
    EgressClients.close(probes.egress);
  }

  @BeforeEach
  void start() throws IOException {
    server = new DocumentedProvider().wants("Authorization", "Bearer " + KEY, Map.of());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Probe probe(String provider, String path, String key) {
    return probes.probe(
        new Endpoint(Provider.of(provider), EndpointUrl.parse(server.root() + path)),
        Secret.of(key),
        NONE,
        PATIENCE);
  }

  @Test
  void aListThatEverybodyIsShownProvesNothing() {
    server.toAnybodyAt("GET /v1/models", MODELS);

    for (String provider : List.of("custom", "openai")) {
      Probe probe = probe(provider, "/v1", "sk-wrong");
      assertThat(probe.reason()).isEqualTo(CallOutcome.CANNOT_TELL);
      assertThat(probe.message()).contains("shows its models to a wrong key as well");
      assertThat(probe.models()).containsExactly("m1", "m2");
    }
  }

  @Test
  void aListThatNeedsTheKeyProvesIt() {
    server.at("GET /v1/models", MODELS);

    assertThat(probe("custom", "/v1", KEY).reason()).isEqualTo(CallOutcome.OK);
    assertThat(probe("custom", "/v1", "sk-wrong").reason()).isEqualTo(CallOutcome.AUTH_FAILED);
  }

  @Test
  void withoutAKeyThereIsNothingToProve() {
    server.toAnybodyAt("GET /v1/models", MODELS);

    assertThat(probe("custom", "/v1", "").reason()).isEqualTo(CallOutcome.OK);
  }

  @Test
  void aKeyThatMayNotListModelsIsNotRed() {
    server.at(
        "GET /v1/models",
        403,
        "{\"error\":{\"message\":\"You have insufficient permissions for this operation. Missing"
            + " scopes: api.model.read.\",\"type\":\"invalid_request_error\"}}");

    Probe probe = probe("openai", "/v1", KEY);

    assertThat(probe.reason()).isEqualTo(CallOutcome.CANNOT_TELL);
    assertThat(probe.message()).contains("knows the key").contains("may not list models");
    assertThat(probe("openai", "/v1", "sk-wrong").reason()).isEqualTo(CallOutcome.AUTH_FAILED);
  }

  @Test
  void anotherRefusalOfTheListIsOneOfTheKey() {
    server.at("GET /v1/models", 403, "{\"error\":{\"message\":\"Country not supported\"}}");

    assertThat(probe("openai", "/v1", KEY).reason()).isEqualTo(CallOutcome.FORBIDDEN);
  }

  @Test
  void aKeyOfOpenRouterIsCheckedWhereItIsNeeded() {
    server.toAnybodyAt("GET /api/v1/models", MODELS).at("GET /api/v1/key", "{\"data\":{}}");

    assertThat(probe("openrouter", "/api/v1", KEY).reason()).isEqualTo(CallOutcome.OK);
    assertThat(probe("openrouter", "/api/v1", "sk-wrong").reason())
        .isEqualTo(CallOutcome.AUTH_FAILED);
  }

  @Test
  void aProxyOfOpenRouterWithoutThatAddressLeavesItOpen() {
    server.toAnybodyAt("GET /api/v1/models", MODELS);

    assertThat(probe("openrouter", "/api/v1", KEY).reason()).isEqualTo(CallOutcome.CANNOT_TELL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"id\":\"m1\"},{\"id\":\"m2\"}]",
        "[\"m1\",\"m2\",\"m1\"]",
        "{\"models\":[{\"name\":\"m1\"},{\"name\":\"m2\"},{\"name\":\"m2\"}]}",
        "{\"object\":\"list\",\"data\":[{\"id\":\"m2\"},{\"id\":\"m1\"},{\"id\":\"m1\"}]}"
      })
  void listsOfAnyShapeAreReadAndEachIdCountsOnce(String list) {
    server.at("GET /v1/models", list);

    assertThat(probe("custom", "/v1", KEY).models()).containsExactly("m1", "m2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"error\":\"Unexpected endpoint or method. (GET /v1/v1/models)\"}",
        "{}",
        "\"models\"",
        "{\"data\":{\"id\":\"m1\"}}",
        "no json"
      })
  void whatIsNoListIsNoLlmApi(String body) {
    server.at("GET /v1/models", body);

    assertThat(probe("custom", "/v1", KEY).reason()).isEqualTo(CallOutcome.NOT_LLM_API);
  }

  @Test
  void anEmptyListOfAGoServerIsNull() {
    server.at("GET /v1/models", "{\"object\":\"list\",\"data\":null}");

    Probe probe = probe("custom", "/v1", KEY);

    assertThat(probe.reason()).isEqualTo(CallOutcome.OK);
    assertThat(probe.models()).isEmpty();
  }

  @Test
  void aLongListIsNotCut() {
    server.at("GET /v1/models", list(0, 2500, "models"));

    assertThat(probe("custom", "/v1", KEY).models()).hasSize(2500);
  }

  private static String list(int from, int to, String more) {
    return IntStream.range(from, to)
        .mapToObj(i -> "{\"id\":\"m%05d\"}".formatted(i))
        .collect(Collectors.joining(",", "{\"data\":[", "]" + more.replace("models", "") + "}"));
  }

  @Test
  void thePagesOfAListAreFollowed() {
    server
        .wants("x-api-key", KEY, Map.of("anthropic-version", "2023-06-01"))
        .at("GET /v1/models?limit=1000", list(0, 1000, ",\"has_more\":true,\"last_id\":\"m00999\""))
        .at(
            "GET /v1/models?limit=1000&after_id=m00999",
            list(1000, 1200, ",\"has_more\":false,\"last_id\":\"m01199\""));

    assertThat(probe("anthropic", "", KEY).models()).hasSize(1200);
  }

  @Test
  void pagesThatNeverEndAreGivenUp() {
    server
        .wants("x-api-key", KEY, Map.of())
        .at("GET /v1/models?limit=1000", list(0, 10, ",\"has_more\":true,\"last_id\":\"m00009\""))
        .at(
            "GET /v1/models?limit=1000&after_id=m00009",
            list(0, 10, ",\"has_more\":true,\"last_id\":\"m00009\""));

    assertThat(probe("anthropic", "", KEY).models()).hasSize(10);
    assertThat(server.requests().size()).isLessThan(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/api/v1", "/api", "/openai/v1"})
  void theApiOfABareHostIsFound(String path) {
    server.at("GET " + path + "/models", MODELS);

    Probe probe = probe("custom", "", KEY);

    assertThat(probe.reason()).isEqualTo(CallOutcome.OK);
    assertThat(probe.foundPath()).isEqualTo(path);
    assertThat(probe.models()).containsExactly("m1", "m2");
  }

  @Test
  void theUsualPathOfABareHostComesFirst() {
    server.at("GET /v1/models", MODELS).at("GET /models", MODELS);

    assertThat(probe("custom", "", KEY).foundPath()).isNull();
  }

  @Test
  void anAddressOneStepTooShortIsNamed() {
    server.at("GET /llama/v1/models", MODELS);

    Probe probe = probe("custom", "/llama", KEY);

    assertThat(probe.reason()).isEqualTo(CallOutcome.NOT_FOUND);
    assertThat(probe.message()).contains(server.root() + "/llama/v1");
  }

  @Test
  void theProtocolsOfAServerOfOnesOwnAreFoundOut() {
    server
        .at("GET /v1/models", MODELS)
        .at("POST /v1/messages", 400, "{\"type\":\"error\"}")
        .at("POST /v1/responses", 405, "{}");

    Probe probe = probe("vllm", "/v1", KEY);

    assertThat(probe.protocols())
        .containsExactlyInAnyOrder(ProviderOperation.CHAT_COMPLETIONS, ProviderOperation.MESSAGES);
    assertThat(server.requests())
        .containsExactly("GET /v1/models", "POST /v1/responses", "POST /v1/messages");
  }

  @Test
  void aHostedProviderIsNotAskedForWhatItsDocumentationSays() {
    server.at("GET /v1/models", MODELS);

    Probe probe = probe("openai", "/v1", KEY);

    assertThat(probe.protocols()).isNull();
    assertThat(server.requests()).allMatch(line -> line.startsWith("GET "));
  }

  @Test
  void theHeadersOfTheKeyGoAlong() {
    server
        .wants("Authorization", "Bearer " + KEY, Map.of("X-Tenant", "acme"))
        .at("GET /v1/models", MODELS);

    Probe probe =
        probes.probe(
            new Endpoint(Provider.CUSTOM, EndpointUrl.parse(server.root() + "/v1")),
            Secret.of(KEY),
            NamedSecrets.join(Map.of("X-Tenant", Secret.of("acme"))),
            PATIENCE);

    assertThat(probe.reason()).isEqualTo(CallOutcome.OK);
  }

  @Test
  void aModelNamedAfterAHeaderIsLeftOut() {
    server.at("GET /v1/models", "{\"data\":[{\"id\":\"good\"},{\"id\":\"leak-s3cret\"}]}");

    Probe probe =
        probes.probe(
            new Endpoint(Provider.CUSTOM, EndpointUrl.parse(server.root() + "/v1")),
            Secret.of(KEY),
            NamedSecrets.join(Map.of("X-Tenant", Secret.of("s3cret"))),
            PATIENCE);

    assertThat(probe.models()).containsExactly("good");
  }

  @Test
  void anErrorInsideOfAnAnswerToTheQuestionIsOne() {
    server.at("POST /v1/chat/completions", "{\"error\":{\"code\":429,\"message\":\"CANARY\"}}");

    Probe probe =
        probes.ask(
            new Endpoint(Provider.CUSTOM, EndpointUrl.parse(server.root() + "/v1")),
            Secret.of(KEY),
            NONE,
            "m1",
            PATIENCE);

    assertThat(probe.isSuccess()).isFalse();
    assertThat(probe.toString()).doesNotContain("CANARY");
  }
}

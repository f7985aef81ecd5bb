package io.mimir.gateway.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mimir.credential.service.KeyLease;
import io.mimir.credential.service.TestLeases;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.llm.ProviderOperation;
import io.mimir.llm.WireProtocol;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Secret;
import io.mimir.security.service.Identity;
import io.mimir.upstream.service.UpstreamRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In which of OpenAI's protocols a client of another one is answered. */
class RequestPlannerTest {

  private static final String AZURE = "https://house.openai.azure.com/openai/v1";

  private static KeyLease lease(String provider, String url, String model) {
    return lease(new Endpoint(Provider.of(provider), EndpointUrl.parse(url)), model);
  }

  private static KeyLease lease(Endpoint endpoint, String model) {
    return TestLeases.of(
        "key_1",
        "team",
        endpoint,
        model,
        Secret.of("sk-canary-0123456789"),
        Duration.ofSeconds(7),
        Map.of(),
        told -> {});
  }

  private static KeyLease openAi(String model) {
    return lease("openai", "https://api.openai.com/v1", model);
  }

  private static RequestPlanner planner(Operation operation) {
    String said =
        switch (operation) {
          case OLLAMA_GENERATE -> "\"prompt\":\"x\"";
          case OLLAMA_EMBED, RESPONSES -> "\"input\":\"x\"";
          default -> "\"max_tokens\":99,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]";
        };
    String thinking =
        operation == Operation.MESSAGES
            ? ",\"thinking\":{\"type\":\"adaptive\"},"
                + "\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}]"
            : "";
    byte[] body =
        ("{\"model\":\"m\"," + said + thinking + ",\"stream\":true}")
            .getBytes(StandardCharsets.UTF_8);
    Identity caller =
        new Identity("usr_ann", "ann", Set.of(), List.of(), Instant.EPOCH, "t", List.of(), null);
    return new RequestPlanner(
        new GatewayRequest(
            operation,
            "POST",
            null,
            body,
            RequestEnvelope.read(body),
            "m",
            Map.of(),
            caller,
            null,
            false,
            null,
            "req_1"));
  }

  private static JsonNode body(UpstreamRequest request) {
    try {
      return new ObjectMapper().readTree(request.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "MESSAGES,gpt-5.5,/v1/responses",
    "OLLAMA_CHAT,gpt-5.4-mini,/v1/responses",
    "OLLAMA_GENERATE,gpt-6-astra,/v1/responses",
    "MESSAGES,gpt-5.1,/v1/chat/completions",
    "MESSAGES,o4-mini,/v1/chat/completions",
    "OLLAMA_CHAT,gpt-4.1,/v1/chat/completions",
    "CHAT_COMPLETIONS,gpt-5.5,/v1/chat/completions",
    "RESPONSES,gpt-5.5,/v1/responses",
    "OLLAMA_EMBED,gpt-5.5,/v1/embeddings"
  })
  void openAisNewerModelsAreAskedInResponses(Operation operation, String model, String path) {
    UpstreamRequest made = planner(operation).requestFor(openAi(model));

    assertThat(made.path()).isEqualTo(path);
    assertThat(made.protocol() == WireProtocol.OPENAI_RESPONSES)
        .isEqualTo(path.endsWith("responses"));
    assertThat(made.usageAsked()).isEqualTo(path.endsWith("completions"));
  }

  @Test
  void soAreThoseOfAzureAndOfNobodyElse() {
    assertThat(planner(Operation.MESSAGES).requestFor(lease("azure", AZURE, "gpt-5.5")).path())
        .isEqualTo("/openai/v1/responses");
    assertThat(
            planner(Operation.MESSAGES)
                .requestFor(lease("together", "https://api.together.xyz/v1", "openai/gpt-5.5"))
                .protocol())
        .isEqualTo(WireProtocol.OPENAI_CHAT);
  }

  @Test
  void anEndpointWhereTheTestFoundNoResponsesIsAskedInChatCompletions() {
    Endpoint found =
        new Endpoint(
            Provider.OPENAI,
            EndpointUrl.parse("http://h:3000/v1"),
            new Endpoint.Options(Map.of(), null, null, Set.of(ProviderOperation.CHAT_COMPLETIONS)));

    assertThat(planner(Operation.MESSAGES).requestFor(lease(found, "gpt-5.5")).protocol())
        .isEqualTo(WireProtocol.OPENAI_CHAT);
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 405})
  void whereThereAreNoResponsesTheChatCompletionsAreAskedWithoutThoughts(int status) {
    KeyLease lease = openAi("gpt-5.5");
    RequestPlanner planner = planner(Operation.MESSAGES);
    UpstreamRequest first = planner.requestFor(lease);

    UpstreamRequest second = planner.otherwise(lease, first, status);

    assertThat(second.protocol()).isEqualTo(WireProtocol.OPENAI_CHAT);
    assertThat(second.path()).isEqualTo("/v1/chat/completions");
    assertThat(second.usageAsked()).isTrue();
    assertThat(body(second).path("reasoning_effort").asText()).isEqualTo("none");
    assertThat(second.translation().leftOut()).containsExactly("thinking=none");
    assertThat(lease.lacks(ProviderOperation.RESPONSES)).isTrue();
    assertThat(planner(Operation.MESSAGES).requestFor(lease).protocol())
        .isEqualTo(WireProtocol.OPENAI_CHAT);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 422})
  void whatMayHaveBeenRefusedIsLeftOutOnce(int status) {
    KeyLease lease = openAi("gpt-5.5");
    RequestPlanner planner = planner(Operation.MESSAGES);
    UpstreamRequest first = planner.requestFor(lease);

    UpstreamRequest second = planner.otherwise(lease, first, status);

    assertThat(body(first).path("reasoning").isObject()).isTrue();
    assertThat(second.protocol()).isEqualTo(WireProtocol.OPENAI_RESPONSES);
    assertThat(second.path()).isEqualTo("/v1/responses");
    assertThat(body(second).has("reasoning")).isFalse();
    assertThat(planner.otherwise(lease, second, status)).isNull();
    assertThat(lease.lacks(ProviderOperation.RESPONSES)).isFalse();
  }

  @Test
  void anotherFailureIsNotAskedAgain() {
    KeyLease lease = openAi("gpt-5.5");
    RequestPlanner planner = planner(Operation.MESSAGES);

    assertThat(planner.otherwise(lease, planner.requestFor(lease), 500)).isNull();
  }
}

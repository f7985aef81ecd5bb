package io.mimir.llm.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Probe;
import io.mimir.llm.Provider;
import io.mimir.llm.service.StubProvider.Misbehaviour;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.EgressClients;
import io.mimir.security.Secret;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static StubProvider stub;
  private static EndpointProbe probes;

  @BeforeAll
  static void start() throws IOException {
    stub = StubProvider.start();
    probes = new EndpointProbe();
    probes.egress = EgressClients.open("127.0.0.1");
  }

  @AfterAll
  static void stop() {
    EgressClients.close(probes.egress);
    stub.close();
  }

  @BeforeEach
  void reset() {
    stub.reset();
  }

  private static Probe probe(Provider provider, String url, String key, Duration timeout) {
    return probes.probe(
        new Endpoint(provider, EndpointUrl.parse(url)), Secret.of(key), Secret.of(""), timeout);
  }

  private static Probe probe(Provider provider) {
    return probe(provider, stub.url(), StubProvider.KEY, PATIENCE);
  }

  @ParameterizedTest
  @CsvSource({
    "openai, /v1/models, gpt-4;gpt-4o-mini",
    "custom, /v1/models, gpt-4;gpt-4o-mini",
    "anthropic, /v1/models?limit=1000, claude-haiku-4-5",
    "ollama, /api/tags, llama3;mistral"
  })
  void aTestAsksForTheModelsAndForNothingElse(Provider provider, String path, String models) {
    Probe probe = probe(provider);

    assertThat(probe.reason()).isEqualTo(CallOutcome.OK);
    assertThat(probe.message()).startsWith(provider.label() + " answered and offers ");
    assertThat(probe.models()).containsExactly(models.split(";"));
    assertThat(stub.requests().get(0).method()).isEqualTo("GET");
    assertThat(stub.requests().get(0).path()).isEqualTo(path);
    // An empty question is refused wherever it is understood, and costs nothing.
    assertThat(stub.requests()).allMatch(each -> each.body().isEmpty() || each.body().equals("{}"));
    assertThat(stub.requests()).noneMatch(each -> each.path().contains("chat"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "ollama", "custom"})
  void itKnocksAsTheProviderWantsIt(Provider provider) {
    probe(provider);

    if (provider == Provider.ANTHROPIC) {
      assertThat(stub.requests().get(0).headers())
          .containsEntry("x-api-key", StubProvider.KEY)
          .containsEntry("anthropic-version", "2023-06-01")
          .doesNotContainKey("authorization");
    } else {
      assertThat(stub.requests().get(0).headers())
          .containsEntry("authorization", "Bearer " + StubProvider.KEY);
    }
  }

  @Test
  void withoutAKeyThereIsNoAuthorizationHeader() {
    assertThat(probe(Provider.OLLAMA, stub.url(), "", PATIENCE).isSuccess()).isTrue();
    assertThat(stub.requests()).allMatch(each -> !each.headers().containsKey("authorization"));
  }

  @Test
  void itsTimeIsTheProvidersAloneToTenMilliseconds() {
    Probe probe = probe(Provider.OPENAI);

    assertThat(probe.latencyMs() % 10).isZero();
    assertThat(probe.latencyMs()).isBetween(0L, 5_000L);
  }

  @ParameterizedTest
  @CsvSource({
    "STATUS_401, AUTH_FAILED",
    "STATUS_403, FORBIDDEN",
    "STATUS_429, RATE_LIMITED",
    "QUOTA, QUOTA_EXCEEDED",
    "STATUS_500, UPSTREAM_ERROR",
    "STATUS_503, UPSTREAM_ERROR",
    "REDIRECT_302, UPSTREAM_REDIRECT",
    "REDIRECT_308, UPSTREAM_REDIRECT",
    "HTML, NOT_LLM_API",
    "OTHER_JSON, NOT_LLM_API",
    "LONG_HEADER, NOT_LLM_API",
    "ENDLESS, NOT_LLM_API",
    "SILENT, TIMEOUT"
  })
  void aFailureIsAVerdictWithoutAWordOfTheOtherSide(Misbehaviour how, CallOutcome reason) {
    String canary = "sk-CANARY-" + UUID.randomUUID();
    stub.misbehave(how);
    for (Provider provider :
        List.of(Provider.OPENAI, Provider.ANTHROPIC, Provider.OLLAMA, Provider.CUSTOM)) {
      Duration timeout = how == Misbehaviour.SILENT ? Duration.ofMillis(300) : PATIENCE;
      Probe probe = probe(provider, stub.url(), canary, timeout);

      assertThat(probe.reason()).as("%s", provider).isEqualTo(reason);
      assertThat(probe.models()).isEmpty();
      assertThat(probe.message()).isNotBlank();
      assertThat(probe.toString()).doesNotContain("CANARY").doesNotContain("Boom");
    }
  }

  @Test
  void withoutAListOfModelsNothingIsSaidAgainstTheKey() {
    stub.misbehave(Misbehaviour.STATUS_404);

    for (Provider provider : List.of(Provider.OPENAI, Provider.ANTHROPIC, Provider.CUSTOM)) {
      Probe probe = probe(provider);
      assertThat(probe.reason()).isEqualTo(CallOutcome.CANNOT_TELL);
      assertThat(probe.message()).contains("has no list of models");
    }
    assertThat(probe(Provider.OLLAMA).reason()).isEqualTo(CallOutcome.NOT_FOUND);
  }

  @Test
  void aWrongKeyIsNamedAsWhatItIs() {
    Probe probe = probe(Provider.OPENAI, stub.url(), "sk-wrong-CANARY", PATIENCE);

    assertThat(probe.reason()).isEqualTo(CallOutcome.AUTH_FAILED);
    assertThat(probe.message()).startsWith("OpenAI refused the key");
  }

  @Test
  void aForbiddenAddressIsBlockedAndSaysWhatToDo() {
    Probe metadata = probe(Provider.OLLAMA, "http://169.254.169.254", "", PATIENCE);
    assertThat(metadata.reason()).isEqualTo(CallOutcome.BLOCKED);

    EndpointProbe shut = new EndpointProbe();
    shut.egress = EgressClients.open("");
    Probe loopback =
        shut.probe(
            new Endpoint(Provider.OLLAMA, EndpointUrl.parse("http://localhost:11434")),
            Secret.of(""),
            Secret.of(""),
            PATIENCE);
    assertThat(loopback.reason()).isEqualTo(CallOutcome.BLOCKED);
    assertThat(loopback.message()).contains("MIMIR_ENDPOINT_ALLOWLIST");
    EgressClients.close(shut.egress);
  }

  @Test
  void aKeyWithALineBreakIsNotSent() {
    Probe probe = probe(Provider.OPENAI, stub.url(), "sk-CANARY\r\nX-Evil: 1", PATIENCE);

    assertThat(probe.reason()).isEqualTo(CallOutcome.AUTH_FAILED);
    assertThat(probe.toString()).doesNotContain("CANARY");
    assertThat(stub.requests()).isEmpty();
  }

  @Test
  void aModelNamedAfterTheKeyIsLeftOut() {
    stub.offer(List.of("good", "leak-" + StubProvider.KEY, "with space", "", "x".repeat(201)));

    assertThat(probe(Provider.OPENAI).models()).containsExactly("good");
  }
}

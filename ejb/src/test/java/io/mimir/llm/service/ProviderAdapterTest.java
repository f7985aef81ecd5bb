package io.mimir.llm.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.llm.AuthScheme;
import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import io.mimir.llm.ProviderOperation;
import io.mimir.net.EndpointUrl;
import io.mimir.security.NamedSecrets;
import io.mimir.security.Secret;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderAdapterTest {

  private static final Secret NONE = Secret.of("");

  private static Endpoint endpoint(String provider, String url) {
    return new Endpoint(Provider.of(provider), EndpointUrl.parse(url));
  }

  private static Endpoint endpoint(String provider, AuthScheme auth, Map<String, String> query) {
    return new Endpoint(
        Provider.of(provider),
        EndpointUrl.parse("https://h.example/v1"),
        new Endpoint.Options(query, auth, null, null));
  }

  @ParameterizedTest
  @CsvSource({
    // A bare host gets the usual path, and what was typed stays.
    "custom, https://h.example, CHAT_COMPLETIONS, /v1/chat/completions",
    "custom, https://h.example/v1, CHAT_COMPLETIONS, /v1/chat/completions",
    "custom, https://h.example/inference, CHAT_COMPLETIONS, /inference/chat/completions",
    "custom, https://h.example/serving-endpoints, EMBEDDINGS, /serving-endpoints/embeddings",
    "custom, https://h.example/api, RESPONSES, /api/responses",
    "custom, https://h.example/client/v4/accounts/a/ai/v1, COMPLETIONS, /client/v4/accounts/a/ai/v1/completions",
    "openai, https://proxy.example/team, CHAT_COMPLETIONS, /team/chat/completions",
    "openrouter, https://openrouter.ai, MESSAGES, /api/v1/messages",
    "openrouter, https://openrouter.ai/api, CHAT_COMPLETIONS, /api/v1/chat/completions",
    "groq, https://api.groq.com, CHAT_COMPLETIONS, /openai/v1/chat/completions",
    "gemini, https://generativelanguage.googleapis.com/v1beta, EMBEDDINGS, /v1beta/openai/embeddings",
    "cloudflare-workers-ai, https://api.cloudflare.com/client/v4/accounts/a, CHAT_COMPLETIONS, /client/v4/accounts/a/ai/v1/chat/completions",
    "databricks, https://dbc.example, CHAT_COMPLETIONS, /serving-endpoints/chat/completions",
    "azure, https://r.example, RESPONSES, /openai/v1/responses",
    "azure, https://r.example/openai, RESPONSES, /openai/v1/responses",
    "azure, https://r.example/openai/deployments/d, EMBEDDINGS, /openai/deployments/d/embeddings?api-version=2024-10-21",
    // The SDKs of Anthropic take the root; people also enter the version.
    "anthropic, https://api.anthropic.com, MESSAGES, /v1/messages",
    "anthropic, https://api.anthropic.com/v1, COUNT_TOKENS, /v1/messages/count_tokens",
    "anthropic, https://api.deepseek.com/anthropic, MESSAGES, /anthropic/v1/messages",
    "anthropic, https://proxy.example/claude/v1, MESSAGES, /claude/v1/messages",
    // Ollama has three protocols below its root, whichever of them was entered.
    "ollama, http://h:11434, OLLAMA_CHAT, /api/chat",
    "ollama, http://h:11434/v1, OLLAMA_CHAT, /api/chat",
    "ollama, http://h:11434/api, CHAT_COMPLETIONS, /v1/chat/completions",
    "ollama, http://h:11434/ollama, MESSAGES, /ollama/v1/messages",
    "ollama, http://h:11434/ollama/api, OLLAMA_SHOW, /ollama/api/show"
  })
  void anOperationIsWhereTheProviderHasIt(
      String provider, String url, ProviderOperation operation, String path) {
    assertThat(ProviderAdapter.of(endpoint(provider, url)).path(operation, "m")).isEqualTo(path);
  }

  @Test
  void aDeploymentInThePathIsEncoded() {
    Endpoint classic =
        new Endpoint(
            Provider.of("azure"),
            EndpointUrl.parse("https://r.example"),
            new Endpoint.Options(Map.of("api-version", "2024-10-21"), null, null, null));

    assertThat(ProviderAdapter.of(classic).path(ProviderOperation.CHAT_COMPLETIONS, "a/../b?c"))
        .isEqualTo("/openai/deployments/a%2F..%2Fb%3Fc/chat/completions?api-version=2024-10-21");
  }

  @Test
  void theQueryOfTheKeyGoesToEachAddress() {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("tag", "a b&c");
    query.put("v", "1");
    ProviderAdapter adapter = ProviderAdapter.of(endpoint("custom", null, query));

    assertThat(adapter.path(ProviderOperation.CHAT_COMPLETIONS, "m"))
        .isEqualTo("/v1/chat/completions?tag=a%20b%26c&v=1");
    assertThat(adapter.otherPath("/files?limit=2", "m"))
        .isEqualTo("/v1/files?limit=2&tag=a%20b%26c&v=1");
    assertThat(adapter.modelsPath()).isEqualTo("/v1/models?tag=a%20b%26c&v=1");
  }

  @Test
  void otherAddressesFollowTheVersion() {
    assertThat(ProviderAdapter.of(endpoint("ollama", "http://h:1")).otherPath("/files", "m"))
        .isEqualTo("/v1/files");
    assertThat(ProviderAdapter.of(endpoint("openai", "https://h")).otherPath("/files", "m"))
        .isEqualTo("/v1/files");
  }

  @Test
  void whereTheTestFoundItIsWhereItIsCalled() {
    Endpoint found =
        new Endpoint(
            Provider.CUSTOM,
            EndpointUrl.parse("http://h:3000"),
            new Endpoint.Options(
                Map.of(), null, "/api", Set.of(ProviderOperation.CHAT_COMPLETIONS)));
    ProviderAdapter adapter = ProviderAdapter.of(found);

    assertThat(adapter.path(ProviderOperation.CHAT_COMPLETIONS, "m"))
        .isEqualTo("/api/chat/completions");
    assertThat(adapter.speaks(ProviderOperation.CHAT_COMPLETIONS)).isTrue();
    assertThat(adapter.speaks(ProviderOperation.MESSAGES)).isFalse();
  }

  @Test
  void theKeyTravelsAsItIsToldTo() throws LlmException {
    Secret key = Secret.of("sk-1");
    Map<String, String> passed = Map.of("Accept", "text/event-stream");

    assertThat(headers("openai", null, passed, key, NONE))
        .isEqualTo(Map.of("Accept", "text/event-stream", "Authorization", "Bearer sk-1"));
    assertThat(headers("azure", null, Map.of(), key, NONE)).isEqualTo(Map.of("api-key", "sk-1"));
    assertThat(headers("azure", AuthScheme.BEARER, Map.of(), key, NONE))
        .isEqualTo(Map.of("Authorization", "Bearer sk-1"));
    assertThat(headers("custom", AuthScheme.of("header:X-Key").orElseThrow(), Map.of(), key, NONE))
        .isEqualTo(Map.of("X-Key", "sk-1"));
    assertThat(headers("custom", AuthScheme.NONE, Map.of(), key, NONE)).isEmpty();
    assertThat(headers("custom", null, Map.of(), NONE, NONE)).isEmpty();
  }

  @Test
  void noCredentialOfTheClientGoesOn() throws LlmException {
    Map<String, String> passed = new LinkedHashMap<>();
    passed.put("authorization", "Bearer mimir_token");
    passed.put("X-API-Key", "mimir_token");
    passed.put("api-key", "mimir_token");
    passed.put("x-goog-api-key", "mimir_token");
    passed.put("X-Tenant", "theirs");

    Map<String, String> headers =
        headers(
            "custom",
            null,
            passed,
            NONE,
            NamedSecrets.join(Map.of("x-tenant", Secret.of("ours and more"))));

    assertThat(headers).isEqualTo(Map.of("x-tenant", "ours and more"));
  }

  @Test
  void aClientsVersionOfTheProtocolStays() throws LlmException {
    assertThat(
            headers(
                "anthropic",
                null,
                Map.of("Anthropic-Version", "2024-01-01"),
                Secret.of("sk-1"),
                NONE))
        .isEqualTo(Map.of("Anthropic-Version", "2024-01-01", "x-api-key", "sk-1"));
    assertThat(headers("anthropic", null, Map.of(), Secret.of("sk-1"), NONE))
        .isEqualTo(Map.of("anthropic-version", "2023-06-01", "x-api-key", "sk-1"));
  }

  @Test
  void aKeyWithALineBreakIsNotSent() {
    assertThatThrownBy(() -> headers("openai", null, Map.of(), Secret.of("a\r\nb"), NONE))
        .isInstanceOf(LlmException.class);
  }

  private static Map<String, String> headers(
      String provider, AuthScheme auth, Map<String, String> passed, Secret key, Secret own)
      throws LlmException {
    return ProviderAdapter.of(endpoint(provider, auth, Map.of())).headers(passed, key, own);
  }
}

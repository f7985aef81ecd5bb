package io.mimir.llm.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Probe;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.net.EnteredAddress;
import io.mimir.net.service.EgressClients;
import io.mimir.security.Secret;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each provider is called as its own documentation says. The rows are written by hand from the
 * pages that they name, and a server that refuses everything else answers.
 */
class ProviderCatalogTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String KEY = "sk-CANARY-0123456789";
  private static final String BEARER = "Bearer " + KEY;
  private static final String OPENAI_LIST =
      "{\"object\":\"list\",\"data\":[{\"id\":\"b\",\"object\":\"model\"},{\"id\":\"a\"},{\"id\":\"a\"}]}";
  private static final String OPENAI_ANSWER =
      "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"}}]}";

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
    server = new DocumentedProvider();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /**
   * What a documentation says.
   *
   * @param page where it says so
   * @param entered the address that an administrator enters, as documented for clients
   * @param chat the address of a question to the model named a
   * @param header what carries the key, and {@code value} how
   * @param besides what each call carries besides
   * @param list where the models are
   * @param models the list as documented
   * @param ids what it offers to this key
   * @param check a free address that refuses a wrong key; null where that is the list or none is
   * @param listIsPublic whether a wrong key is shown the list
   */
  record Row(
      String id,
      String page,
      String entered,
      String chat,
      String header,
      String value,
      Map<String, String> besides,
      String list,
      String models,
      List<String> ids,
      String check,
      boolean listIsPublic) {

    @Override
    public String toString() {
      return id + " at " + entered;
    }
  }

  private static Row usual(String id, String page, String entered, String chat, String list) {
    return new Row(
        id,
        page,
        entered,
        chat,
        "Authorization",
        BEARER,
        Map.of(),
        list,
        OPENAI_LIST,
        List.of("a", "b"),
        null,
        false);
  }

  static List<Row> rows() {
    return List.of(
        usual(
            "openai",
            "platform.openai.com/docs/api-reference/models/list",
            "https://api.openai.com/v1",
            "https://api.openai.com/v1/chat/completions",
            "https://api.openai.com/v1/models"),
        new Row(
            "anthropic",
            "docs.anthropic.com/en/api/models-list",
            "https://api.anthropic.com",
            "https://api.anthropic.com/v1/messages",
            "x-api-key",
            KEY,
            Map.of("anthropic-version", "2023-06-01"),
            "https://api.anthropic.com/v1/models?limit=1000",
            "{\"data\":[{\"type\":\"model\",\"id\":\"a\",\"display_name\":\"A\"}],\"has_more\":false}",
            List.of("a"),
            null,
            false),
        new Row(
            "ollama",
            "github.com/ollama/ollama/blob/main/docs/api.md",
            "http://localhost:11434",
            "http://localhost:11434/api/chat",
            "Authorization",
            BEARER,
            Map.of(),
            "http://localhost:11434/api/tags",
            "{\"models\":[{\"name\":\"llama3:latest\",\"model\":\"llama3:latest\",\"size\":1}]}",
            List.of("llama3:latest"),
            null,
            false),
        usual(
            "custom",
            "platform.openai.com/docs/api-reference/models/list, at a server of one's own",
            "http://192.168.1.100:8000/v1",
            "http://192.168.1.100:8000/v1/chat/completions",
            "http://192.168.1.100:8000/v1/models"),
        new Row(
            "azure",
            "learn.microsoft.com/en-us/rest/api/microsoft-foundry/azureopenai/models",
            "https://res.openai.azure.com/openai/v1",
            "https://res.openai.azure.com/openai/v1/chat/completions",
            "api-key",
            KEY,
            Map.of(),
            "https://res.openai.azure.com/openai/v1/models",
            OPENAI_LIST,
            List.of(),
            null,
            false),
        new Row(
            "azure",
            "learn.microsoft.com/en-us/rest/api/azureopenai/models/list and the reference of"
                + " deployments/{deployment-id}/chat/completions",
            "https://res.openai.azure.com/openai/deployments/mine?api-version=2024-10-21",
            "https://res.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-10-21",
            "api-key",
            KEY,
            Map.of(),
            "https://res.openai.azure.com/openai/models?api-version=2024-10-21",
            OPENAI_LIST,
            List.of(),
            null,
            false),
        new Row(
            "azure",
            "learn.microsoft.com/en-us/rest/api/azureopenai, with the deployment left to the call",
            "https://res.openai.azure.com/?api-version=2024-10-21",
            "https://res.openai.azure.com/openai/deployments/a/chat/completions?api-version=2024-10-21",
            "api-key",
            KEY,
            Map.of(),
            "https://res.openai.azure.com/openai/models?api-version=2024-10-21",
            OPENAI_LIST,
            List.of(),
            null,
            false),
        new Row(
            "openrouter",
            "openrouter.ai/docs/api/api-reference/api-keys/get-current-key",
            "https://openrouter.ai/api/v1",
            "https://openrouter.ai/api/v1/chat/completions",
            "Authorization",
            BEARER,
            Map.of(),
            "https://openrouter.ai/api/v1/models",
            "{\"data\":[{\"id\":\"openai/gpt-4o\",\"name\":\"GPT-4o\"}]}",
            List.of("openai/gpt-4o"),
            "https://openrouter.ai/api/v1/key",
            true),
        usual(
            "groq",
            "console.groq.com/docs/api-reference",
            "https://api.groq.com/openai/v1",
            "https://api.groq.com/openai/v1/chat/completions",
            "https://api.groq.com/openai/v1/models"),
        usual(
            "mistral",
            "docs.mistral.ai/api",
            "https://api.mistral.ai/v1",
            "https://api.mistral.ai/v1/chat/completions",
            "https://api.mistral.ai/v1/models"),
        usual(
            "deepseek",
            "api-docs.deepseek.com/api/list-models",
            "https://api.deepseek.com",
            "https://api.deepseek.com/chat/completions",
            "https://api.deepseek.com/models"),
        usual(
            "xai",
            "docs.x.ai/docs/api-reference",
            "https://api.x.ai/v1",
            "https://api.x.ai/v1/chat/completions",
            "https://api.x.ai/v1/models"),
        usual(
            "cerebras",
            "inference-docs.cerebras.ai/api-reference/models",
            "https://api.cerebras.ai/v1",
            "https://api.cerebras.ai/v1/chat/completions",
            "https://api.cerebras.ai/v1/models"),
        new Row(
            "together",
            "docs.together.ai/reference/models-1",
            "https://api.together.xyz/v1",
            "https://api.together.xyz/v1/chat/completions",
            "Authorization",
            BEARER,
            Map.of(),
            "https://api.together.xyz/v1/models",
            "[{\"id\":\"meta-llama/Llama-3\",\"object\":\"model\",\"type\":\"chat\"}]",
            List.of("meta-llama/Llama-3"),
            null,
            false),
        new Row(
            "github-models",
            "docs.github.com/en/rest/models/inference and /catalog",
            "https://models.github.ai/inference",
            "https://models.github.ai/inference/chat/completions",
            "Authorization",
            BEARER,
            Map.of("X-GitHub-Api-Version", "2022-11-28"),
            "https://models.github.ai/catalog/models",
            "[{\"id\":\"openai/gpt-4.1\",\"name\":\"OpenAI GPT-4.1\"}]",
            List.of("openai/gpt-4.1"),
            null,
            true),
        new Row(
            "cloudflare-workers-ai",
            "developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility and"
                + " /api/resources/ai/subresources/models/methods/list",
            "https://api.cloudflare.com/client/v4/accounts/abc/ai/v1",
            "https://api.cloudflare.com/client/v4/accounts/abc/ai/v1/chat/completions",
            "Authorization",
            BEARER,
            Map.of(),
            "https://api.cloudflare.com/client/v4/accounts/abc/ai/models/search?per_page=100",
            "{\"success\":true,\"result\":[{\"id\":\"f8703a00\",\"name\":\"@cf/meta/llama-3.1-8b-instruct\"}]}",
            List.of("@cf/meta/llama-3.1-8b-instruct"),
            null,
            false),
        new Row(
            "databricks",
            "docs.databricks.com/aws/en/machine-learning/model-serving/score-foundation-models and"
                + " docs.databricks.com/api/workspace/servingendpoints/list",
            "https://dbc-1.cloud.databricks.com/serving-endpoints",
            "https://dbc-1.cloud.databricks.com/serving-endpoints/chat/completions",
            "Authorization",
            BEARER,
            Map.of(),
            "https://dbc-1.cloud.databricks.com/api/2.0/serving-endpoints",
            "{\"endpoints\":[{\"name\":\"databricks-llama-4\",\"id\":\"88fd3f75a0d24b0380ddc40484d7a31b\"}]}",
            List.of("databricks-llama-4"),
            null,
            false),
        new Row(
            "gemini",
            "ai.google.dev/gemini-api/docs/openai",
            "https://generativelanguage.googleapis.com/v1beta/openai/",
            "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
            "Authorization",
            BEARER,
            Map.of(),
            "https://generativelanguage.googleapis.com/v1beta/openai/models",
            "{\"object\":\"list\",\"data\":[{\"id\":\"models/gemini-2.5-flash\",\"object\":\"model\"}]}",
            List.of("models/gemini-2.5-flash"),
            null,
            false),
        usual(
            "vllm",
            "docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
            "http://localhost:8000/v1",
            "http://localhost:8000/v1/chat/completions",
            "http://localhost:8000/v1/models"),
        usual(
            "lm-studio",
            "lmstudio.ai/docs/developer/openai-compat",
            "http://localhost:1234/v1",
            "http://localhost:1234/v1/chat/completions",
            "http://localhost:1234/v1/models"),
        usual(
            "open-webui",
            "docs.openwebui.com/reference/api-endpoints",
            "http://localhost:3000/api",
            "http://localhost:3000/api/chat/completions",
            "http://localhost:3000/api/models"));
  }

  @Test
  void eachProviderHasARow() {
    assertThat(rows().stream().map(Row::id).distinct())
        .containsExactlyInAnyOrderElementsOf(Provider.all().stream().map(Provider::wire).toList());
    assertThat(rows()).allMatch(row -> row.page().contains("."));
  }

  /** The documented address, but at the test's server. */
  private Endpoint endpoint(Row row) {
    EnteredAddress entered = EnteredAddress.parse(row.entered());
    return new Endpoint(
        Provider.of(row.id()),
        EndpointUrl.parse(server.root() + entered.base().path()),
        new Endpoint.Options(entered.query(), null, null, null));
  }

  private void serve(Row row) {
    server.wants(row.header(), row.value(), row.besides());
    server.at(
        "POST " + pathOf(row.chat()),
        row.id().equals("anthropic")
            ? "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"Hello\"}]}"
            : row.id().equals("ollama")
                ? "{\"message\":{\"content\":\"Hello\"},\"done\":true}"
                : OPENAI_ANSWER);
    if (row.listIsPublic()) {
      server.toAnybodyAt("GET " + pathOf(row.list()), row.models());
    } else {
      server.at("GET " + pathOf(row.list()), row.models());
    }
    if (row.check() != null) {
      server.at("GET " + pathOf(row.check()), "{\"data\":{\"label\":\"mine\"}}");
    }
  }

  private static String pathOf(String url) {
    URI uri = URI.create(url);
    return uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void theModelsAreListedAsDocumented(Row row) {
    serve(row);

    Probe probe = probes.probe(endpoint(row), Secret.of(KEY), Secret.of(""), PATIENCE);

    boolean provable = !row.listIsPublic() || row.check() != null;
    assertThat(probe.reason())
        .as(probe.message())
        .isEqualTo(provable ? CallOutcome.OK : CallOutcome.CANNOT_TELL);
    assertThat(probe.models()).isEqualTo(row.ids());
    assertThat(server.requests().get(0))
        .isEqualTo("GET " + pathOf(row.check() == null ? row.list() : row.check()));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aWrongKeyIsNeverShownGreen(Row row) {
    serve(row);

    Probe probe = probes.probe(endpoint(row), Secret.of("sk-wrong"), Secret.of(""), PATIENCE);

    boolean provable = !row.listIsPublic() || row.check() != null;
    assertThat(probe.reason())
        .isEqualTo(provable ? CallOutcome.AUTH_FAILED : CallOutcome.CANNOT_TELL);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aQuestionGoesToTheDocumentedAddress(Row row) {
    serve(row);

    Probe probe = probes.ask(endpoint(row), Secret.of(KEY), Secret.of(""), "a", PATIENCE);

    assertThat(probe.reason()).as(probe.message()).isEqualTo(CallOutcome.OK);
    assertThat(server.requests()).containsExactly("POST " + pathOf(row.chat()));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void theAddressThatAllCustomersShareIsTheProvidersOwn(Row row) {
    Provider provider = Provider.of(row.id());
    List<String> ofEachCustomer =
        List.of("custom", "azure", "cloudflare-workers-ai", "databricks", "vllm", "open-webui");

    assertThat(provider.needsEndpoint()).isEqualTo(ofEachCustomer.contains(row.id()));
    if (!provider.needsEndpoint()) {
      assertThat(provider.defaultEndpoint().orElseThrow())
          .isEqualTo(EndpointUrl.parse(row.entered()));
    }
  }

  @Test
  void onlyServersOfOnesOwnMayBeInThePrivateNetwork() {
    assertThat(Provider.all().stream().filter(Provider::isSelfHosted).map(Provider::wire))
        .containsExactlyInAnyOrder("ollama", "custom", "vllm", "lm-studio", "open-webui");
    assertThat(Provider.all().stream().filter(each -> !each.needsKey()).map(Provider::wire))
        .containsExactlyInAnyOrder("ollama", "custom", "vllm", "lm-studio");
  }
}

package io.mimir.plugin.service.builtin;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.credential.ModelRef;
import io.mimir.credential.service.KeyLease;
import io.mimir.credential.service.KeyRing;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.credential.service.TestLeases;
import io.mimir.credential.service.TriedKeys;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.llm.service.Clients;
import io.mimir.llm.service.StubProvider;
import io.mimir.llm.service.StubProvider.Misbehaviour;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.EgressClient;
import io.mimir.net.service.EgressClients;
import io.mimir.plugin.service.PluginCallException;
import io.mimir.plugin.service.PluginCallException.Kind;
import io.mimir.security.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LlmChatTest {

  private final LlmChat plugin = new LlmChat();
  private final Bench bench = new Bench(plugin);
  private final Ring ring = new Ring();

  private StubProvider stub;
  private EgressClient outbound;

  /** One key, and a record of what becomes of it. */
  private final class Ring extends KeyRing {

    private final List<ModelRef> asked = new ArrayList<>();
    private final List<KeyLease> lent = new ArrayList<>();
    private final List<String> deeds = new ArrayList<>();
    private final Catalog catalog = new Catalog();
    private RuntimeException refusal;

    @Override
    public KeyLease lend(ModelRef wanted, TriedKeys tried, long tokens, long conversation) {
      if (refusal != null) {
        throw refusal;
      }
      asked.add(wanted);
      KeyLease lease =
          TestLeases.of(
              "key_1",
              "mine",
              new Endpoint(wanted.provider(), EndpointUrl.parse(stub.url())),
              wanted.name(),
              Secret.of(StubProvider.KEY),
              Duration.ofSeconds(10),
              Map.of("max_tokens", 9000),
              deeds::add);
      lent.add(lease);
      return lease;
    }
  }

  /** Knows every model. */
  private static final class Catalog extends ModelCatalog {

    private Optional<ModelRef> usual = Optional.empty();

    @Override
    public ModelRef resolve(ModelRef wanted) {
      return wanted.provider() == null ? new ModelRef(Provider.OPENAI, wanted.name()) : wanted;
    }

    @Override
    public Optional<ModelRef> defaultModel(Provider provider) {
      return usual;
    }
  }

  @BeforeEach
  void start() throws IOException {
    stub = StubProvider.start();
    outbound = EgressClients.open("127.0.0.1");
    plugin.ring = ring;
    plugin.catalog = ring.catalog;
    plugin.clients = Clients.over(outbound);
  }

  @AfterEach
  void stop() {
    EgressClients.close(outbound);
    stub.close();
  }

  @Test
  void aPromptIsAnsweredAndTheKeyIsUsedAndWiped() throws Exception {
    String answer =
        bench
            .call("chat", "{\"prompt\":\"Hi\",\"model\":\"gpt-4\",\"system\":\"be brief\"}")
            .toString();

    assertThat(answer)
        .isEqualTo(
            "{\"text\":\"You said: Hi (I was told: be brief)\",\"model\":\"gpt-4\","
                + "\"provider\":\"openai\",\"key_name\":\"mine\","
                + "\"usage\":{\"input_tokens\":11,\"output_tokens\":7}}");
    assertThat(ring.deeds).containsExactly("used key_1");
    assertThat(ring.lent.get(0).secret().reveal()).doesNotContain(StubProvider.KEY);
  }

  @Test
  void messagesAndTheConfigurationReachTheProvider() throws Exception {
    bench.configure(
        "{\"model\":\"claude-haiku-4-5\",\"provider\":\"anthropic\",\"system\":\"Be kind\",\"max_tokens\":77}");

    bench.call(
        "chat",
        "{\"messages\":[{\"role\":\"system\",\"content\":\"In German\"},"
            + "{\"role\":\"user\",\"content\":\"one\"},{\"role\":\"assistant\",\"content\":\"two\"},"
            + "{\"role\":\"user\",\"content\":\"three\"}]}");

    assertThat(ring.asked).containsExactly(new ModelRef(Provider.ANTHROPIC, "claude-haiku-4-5"));
    String body = stub.last().body();
    assertThat(Bench.json(body).path("max_tokens").asInt()).isEqualTo(77);
    assertThat(Bench.json(body).path("system").toString()).contains("Be kind", "In German");
    assertThat(Bench.json(body).path("messages")).hasSize(3);
  }

  @Test
  void theKeyLimitsAnAnswerThatNobodyElseLimits() throws Exception {
    bench.configure("{\"model\":\"claude-haiku-4-5\",\"provider\":\"anthropic\"}");

    bench.call("chat", "{\"prompt\":\"Hi\"}");

    assertThat(Bench.json(stub.last().body()).path("max_tokens").asInt()).isEqualTo(9000);
  }

  @Test
  void theCallChoosesTheModelThenTheConfigurationThenTheKeys() throws Exception {
    ring.catalog.usual = Optional.of(new ModelRef(Provider.OLLAMA, "mistral"));
    bench.call("chat", "{\"prompt\":\"Hi\"}");
    bench.configure("{\"model\":\"llama3\",\"provider\":\"ollama\"}");
    bench.call("chat", "{\"prompt\":\"Hi\"}");
    bench.call("chat", "{\"prompt\":\"Hi\",\"model\":\"mistral\"}");
    bench.call("chat", "{\"prompt\":\"Hi\",\"model\":\"openai/gpt-4\"}");

    assertThat(ring.asked)
        .containsExactly(
            new ModelRef(Provider.OLLAMA, "mistral"),
            new ModelRef(Provider.OLLAMA, "llama3"),
            new ModelRef(Provider.OLLAMA, "mistral"),
            new ModelRef(Provider.OPENAI, "gpt-4"));
  }

  @Test
  void withoutAnyModelTheCallIsRefused() {
    assertThat(bench.refusal("chat", "{\"prompt\":\"Hi\"}")).isEqualTo("missing_model");
    assertThat(ring.lent).isEmpty();
  }

  @Test
  void whatIsNoQuestionIsBadInput() {
    for (String input :
        List.of(
            "{}",
            "{\"prompt\":\"\"}",
            "{\"prompt\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"b\"}]}",
            "{\"messages\":[]}",
            "{\"messages\":[{\"role\":\"tool\",\"content\":\"b\"}]}",
            "{\"messages\":[{\"role\":\"system\",\"content\":\"b\"}]}",
            "{\"messages\":[{\"role\":\"assistant\",\"content\":\"b\"}]}",
            "{\"prompt\":\"a\",\"model\":\"a b\"}",
            "{\"prompt\":\"a\",\"temperature\":1}")) {
      ring.catalog.usual = Optional.of(new ModelRef(Provider.OPENAI, "gpt-4"));
      assertThat(bench.failure("chat", input).kind()).as(input).isEqualTo(Kind.BAD_INPUT);
    }
    assertThat(stub.requests()).isEmpty();
  }

  /** The stub sends the key back in its refusal. */
  @Test
  void aRefusalOfTheProviderCountsAgainstTheKeyAndShowsNothingOfIt() {
    stub.misbehave(Misbehaviour.STATUS_401);

    PluginCallException failure = bench.failure("chat", "{\"prompt\":\"Hi\",\"model\":\"gpt-4\"}");

    assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
    assertThat(failure).hasNoCause();
    assertThat(new String(failure.detail(), StandardCharsets.UTF_8))
        .contains("\"code\":\"provider_error\"", "the key mine")
        .doesNotContain(StubProvider.KEY);
    assertThat(ring.deeds).containsExactly("failed AUTH_FAILED");
  }

  @Test
  void limitsAreSaidToPassByThemselves() {
    ring.refusal =
        ProblemException.retryable(Problem.RATE_LIMITED, "At its limit", Duration.ofSeconds(9));

    PluginCallException failure = bench.failure("chat", "{\"prompt\":\"Hi\",\"model\":\"gpt-4\"}");

    assertThat(new String(failure.detail(), StandardCharsets.UTF_8))
        .isEqualTo("{\"code\":\"rate_limited\",\"message\":\"At its limit\",\"retryable\":true}");
  }

  @Test
  void theDeadlineEndsTheCallToTheProvider() throws Exception {
    stub.misbehave(Misbehaviour.SILENT);
    long start = System.nanoTime();

    PluginCallException failure =
        bench.failure("chat", "{\"prompt\":\"Hi\",\"model\":\"gpt-4\"}", Duration.ofMillis(500));

    assertThat(failure.kind()).isEqualTo(Kind.DEADLINE);
    assertThat(ring.deeds).as("the key is not to blame").isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    assertThat(stub.awaitDeparture(Duration.ofSeconds(5))).isTrue();
  }
}

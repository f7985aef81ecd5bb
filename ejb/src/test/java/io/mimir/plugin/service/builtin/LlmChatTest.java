package io.mimir.plugin.service.builtin;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.credential.ModelRef;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.llm.Provider;
import io.mimir.llm.service.StubProvider;
import io.mimir.llm.service.StubProvider.Misbehaviour;
import io.mimir.plugin.service.PluginCallException;
import io.mimir.plugin.service.PluginCallException.Kind;
import io.mimir.upstream.service.TestEngine;
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
  private final Catalog catalog = new Catalog();

  private StubProvider stub;
  private TestEngine engine;

  /** Knows every model, and remembers what was asked for. */
  private static final class Catalog extends ModelCatalog {

    private final List<ModelRef> asked = new ArrayList<>();
    private Optional<ModelRef> usual = Optional.empty();

    @Override
    public ModelRef resolve(ModelRef wanted) {
      ModelRef named = ModelRef.of(wanted.provider(), wanted.name());
      ModelRef model =
          named.provider() == null ? new ModelRef(Provider.OPENAI, named.name()) : named;
      asked.add(model);
      return model;
    }

    @Override
    public Optional<ModelRef> defaultModel(Provider provider) {
      return usual;
    }
  }

  @BeforeEach
  void start() throws IOException {
    stub = StubProvider.start();
    engine = new TestEngine();
    for (Provider provider : List.of(Provider.OPENAI, Provider.ANTHROPIC, Provider.OLLAMA)) {
      engine
          .keys()
          .add(
              provider,
              "mine",
              StubProvider.KEY,
              stub.url(),
              Map.of(
                  "available_models",
                  List.of("gpt-4", "claude-haiku-4-5", "llama3", "mistral"),
                  "max_tokens",
                  9000));
    }
    plugin.catalog = catalog;
    plugin.calls = engine.modelCalls();
  }

  @AfterEach
  void stop() {
    engine.close();
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
    assertThat(engine.keys().used()).hasSize(1);
    assertThat(engine.awaitCounted(1)).hasSize(1);
    assertThat(engine.counted().get(0).tokens()).isEqualTo(18);
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

    assertThat(catalog.asked).containsExactly(new ModelRef(Provider.ANTHROPIC, "claude-haiku-4-5"));
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
    catalog.usual = Optional.of(new ModelRef(Provider.OLLAMA, "mistral"));
    bench.call("chat", "{\"prompt\":\"Hi\"}");
    bench.configure("{\"model\":\"llama3\",\"provider\":\"ollama\"}");
    bench.call("chat", "{\"prompt\":\"Hi\"}");
    bench.call("chat", "{\"prompt\":\"Hi\",\"model\":\"mistral\"}");
    bench.call("chat", "{\"prompt\":\"Hi\",\"model\":\"openai/gpt-4\"}");

    assertThat(Bench.json(stub.requests().get(0).body()).path("model").asText())
        .isEqualTo("mistral");
    assertThat(catalog.asked)
        .containsExactly(
            new ModelRef(Provider.OLLAMA, "llama3"),
            new ModelRef(Provider.OLLAMA, "mistral"),
            new ModelRef(Provider.OPENAI, "gpt-4"));
  }

  @Test
  void withoutAnyModelTheCallIsRefused() {
    assertThat(bench.refusal("chat", "{\"prompt\":\"Hi\"}")).isEqualTo("missing_model");
    assertThat(engine.counted()).isEmpty();
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
      catalog.usual = Optional.of(new ModelRef(Provider.OPENAI, "gpt-4"));
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
    assertThat(engine.counted().get(0).error()).isTrue();
  }

  @Test
  void limitsAreSaidToPassByThemselves() throws Exception {
    engine.keys().removeAll();
    engine
        .keys()
        .add(
            Provider.OPENAI,
            "mine",
            StubProvider.KEY,
            stub.url(),
            Map.of("available_models", List.of("gpt-4"), "rate_limit", 1));
    bench.call("chat", "{\"prompt\":\"Hi\",\"model\":\"gpt-4\"}");

    PluginCallException failure = bench.failure("chat", "{\"prompt\":\"Hi\",\"model\":\"gpt-4\"}");

    assertThat(new String(failure.detail(), StandardCharsets.UTF_8))
        .contains("\"code\":\"rate_limited\"", "\"retryable\":true");
  }

  @Test
  void theDeadlineEndsTheCallToTheProvider() throws Exception {
    stub.misbehave(Misbehaviour.SILENT);
    long start = System.nanoTime();

    PluginCallException failure =
        bench.failure("chat", "{\"prompt\":\"Hi\",\"model\":\"gpt-4\"}", Duration.ofMillis(500));

    assertThat(failure.kind()).isEqualTo(Kind.DEADLINE);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    assertThat(stub.awaitDeparture(Duration.ofSeconds(5))).isTrue();
  }
}

package io.mimir.upstream.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.credential.ApiKey;
import io.mimir.credential.ModelRef;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.Prompt;
import io.mimir.llm.Prompt.Speaker;
import io.mimir.llm.Prompt.Turn;
import io.mimir.llm.Provider;
import io.mimir.llm.Reply;
import io.mimir.llm.service.StubProvider;
import io.mimir.llm.service.StubProvider.Misbehaviour;
import io.mimir.usage.CallSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCallsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static StubProvider stub;
  private static TestEngine engine;

  private final List<String> parts = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    stub = StubProvider.start();
    engine = new TestEngine();
  }

  @AfterAll
  static void stop() {
    engine.close();
    stub.close();
  }

  @BeforeEach
  void reset() {
    stub.reset();
    engine.keys().removeAll();
    engine.counted().clear();
  }

  private static String model(Provider provider) {
    return switch (provider.family()) {
      case OPENAI -> "gpt-4";
      case ANTHROPIC -> "claude-haiku-4-5";
      case OLLAMA -> "llama3";
    };
  }

  private static ApiKey key(Provider provider, String secret, String url) {
    return engine
        .keys()
        .add(
            provider,
            "mine " + provider.wire(),
            secret,
            url,
            Map.of("available_models", List.of(model(provider))));
  }

  private ModelCall ask(Provider provider, boolean streamed, Duration timeout) {
    engine.keys().removeAll();
    key(provider, StubProvider.KEY, stub.url());
    return ask(provider, streamed, timeout, "grüß 🔑 \"dich\"\n");
  }

  private ModelCall ask(Provider provider, boolean streamed, Duration timeout, String last) {
    Prompt prompt =
        new Prompt(
            model(provider),
            "be brief",
            List.of(
                new Turn(Speaker.USER, "one"),
                new Turn(Speaker.ASSISTANT, "two"),
                new Turn(Speaker.USER, last)),
            null);
    return engine
        .modelCalls()
        .ask(
            new ModelCalls.Question(
                new ModelRef(provider, model(provider)),
                prompt,
                CallSource.of("usr_1", null),
                0,
                any -> true,
                timeout,
                streamed),
            parts::add);
  }

  private Reply reply(Provider provider, boolean streamed) throws Exception {
    return ask(provider, streamed, PATIENCE).reply().get(10, TimeUnit.SECONDS);
  }

  private ProblemException failure(Provider provider, boolean streamed, Duration timeout) {
    return failureOf(ask(provider, streamed, timeout));
  }

  private static ProblemException failureOf(ModelCall call) {
    try {
      call.reply().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      return (ProblemException) e.getCause();
    } catch (Exception e) {
      throw new AssertionError("no answer at all", e);
    }
    throw new AssertionError("answered");
  }

  /** The word for what happened at the provider. */
  private static CallOutcome outcome(ProblemException problem) {
    return switch (problem.problem()) {
      case PROVIDER_TIMEOUT -> CallOutcome.TIMEOUT;
      case MODEL_NOT_FOUND -> CallOutcome.NOT_FOUND;
      case RATE_LIMITED -> CallOutcome.RATE_LIMITED;
      case PROVIDER_ERROR ->
          CallOutcome.valueOf(problem.errors().get(0).code().toUpperCase(Locale.ROOT));
      default -> throw new AssertionError(problem.problem());
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "ollama", "custom"})
  void wholeAnswersBringTextModelAndTokens(Provider provider) throws Exception {
    Reply reply = reply(provider, false);

    assertThat(reply.text()).isEqualTo("You said: grüß 🔑 \"dich\"\n (I was told: be brief)");
    assertThat(reply.model()).isEqualTo(model(provider));
    assertThat(reply.usage()).isEqualTo(new Reply.Usage(11L, 7L));
    assertThat(parts).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "ollama", "custom"})
  void streamedAnswersBringTheSameInParts(Provider provider) throws Exception {
    Reply reply = reply(provider, true);

    assertThat(reply).isEqualTo(reply(provider, false));
    assertThat(parts).hasSizeGreaterThan(2);
    assertThat(String.join("", parts)).isEqualTo(reply.text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "ollama", "custom"})
  void theFirstPartComesWhileTheProviderStillThinks(Provider provider) throws Exception {
    stub.misbehave(Misbehaviour.STALL);
    ModelCall exchange = ask(provider, true, PATIENCE);

    long end = System.nanoTime() + PATIENCE.toNanos();
    while (parts.isEmpty() && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(5);
    }

    assertThat(parts).isNotEmpty();
    assertThat(exchange.reply()).isNotDone();
    stub.release();
    assertThat(exchange.reply().get(10, TimeUnit.SECONDS).text()).startsWith("You said");
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "ollama", "custom"})
  void aStreamThatStallsIsOutOfTime(Provider provider) {
    stub.misbehave(Misbehaviour.STALL);

    ModelCall exchange = ask(provider, true, Duration.ofMillis(300));

    assertThat(outcome(failureOf(exchange))).isEqualTo(CallOutcome.TIMEOUT);
    assertThat(parts).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "ollama", "custom"})
  void aCancelledCallLeavesTheProviderWithinTwoSeconds(Provider provider) throws Exception {
    for (Misbehaviour held : List.of(Misbehaviour.STALL, Misbehaviour.SILENT)) {
      stub.reset();
      stub.misbehave(held);
      ModelCall exchange = ask(provider, true, Duration.ofMinutes(1));
      assertThat(stub.awaitQuestions(1, PATIENCE)).isTrue();

      exchange.cancel();

      assertThat(stub.awaitDeparture(Duration.ofSeconds(2))).as("%s", held).isTrue();
    }
  }

  @Test
  void keysTravelAsEachProviderWantsThem() throws Exception {
    reply(Provider.OPENAI, false);
    assertThat(stub.lastQuestion().headers())
        .containsEntry("authorization", "Bearer " + StubProvider.KEY);
    reply(Provider.ANTHROPIC, false);
    assertThat(stub.lastQuestion().headers())
        .containsEntry("x-api-key", StubProvider.KEY)
        .containsEntry("anthropic-version", "2023-06-01")
        .doesNotContainKey("authorization");
  }

  @Test
  void withoutAKeyThereIsNoAuthorizationHeader() throws Exception {
    key(Provider.OLLAMA, "", stub.url());

    ask(Provider.OLLAMA, false, PATIENCE, "hi").reply().get(10, TimeUnit.SECONDS);

    assertThat(stub.lastQuestion().headers()).doesNotContainKey("authorization");
  }

  @ParameterizedTest
  @CsvSource({
    "STATUS_401, AUTH_FAILED",
    "STATUS_403, FORBIDDEN",
    "STATUS_404, NOT_FOUND",
    "STATUS_429, RATE_LIMITED",
    "QUOTA, QUOTA_EXCEEDED",
    "STATUS_400, UPSTREAM_ERROR",
    "NO_CREDIT, QUOTA_EXCEEDED",
    "STATUS_500, UPSTREAM_ERROR",
    "STATUS_503, UPSTREAM_ERROR",
    "REDIRECT_301, UPSTREAM_REDIRECT",
    "REDIRECT_302, UPSTREAM_REDIRECT",
    "REDIRECT_303, UPSTREAM_REDIRECT",
    "REDIRECT_307, UPSTREAM_REDIRECT",
    "REDIRECT_308, UPSTREAM_REDIRECT",
    "HTML, NOT_LLM_API",
    "OTHER_JSON, NOT_LLM_API",
    "LONG_HEADER, NOT_LLM_API",
    "ENDLESS, NOT_LLM_API"
  })
  void failuresHaveAReasonAndNothingOfTheOtherSide(Misbehaviour how, CallOutcome reason) {
    stub.misbehave(how);
    for (Provider provider :
        List.of(Provider.OPENAI, Provider.ANTHROPIC, Provider.OLLAMA, Provider.CUSTOM)) {
      ProblemException failure = failure(provider, false, PATIENCE);

      assertThat(outcome(failure)).as("%s", provider).isEqualTo(reason);
      assertThat(failure.getCause()).isNull();
      assertThat(failure.toString()).doesNotContain("sk-").doesNotContain("Boom");
    }
  }

  @ParameterizedTest
  @CsvSource({"ERROR_IN_STREAM, UPSTREAM_ERROR", "CUT, UPSTREAM_ERROR", "NOISE, NOT_LLM_API"})
  void aStreamThatGoesWrongFailsAfterItsFirstPart(Misbehaviour how, CallOutcome reason) {
    stub.misbehave(how);
    for (Provider provider :
        List.of(Provider.OPENAI, Provider.ANTHROPIC, Provider.OLLAMA, Provider.CUSTOM)) {
      parts.clear();
      ProblemException failure = failure(provider, true, PATIENCE);

      assertThat(outcome(failure)).as("%s", provider).isEqualTo(reason);
      assertThat(parts).as("%s", provider).isNotEmpty();
    }
  }

  @Test
  void aCustomEndpointThatDoesNotKnowStreamOptionsIsAskedOnceMoreWithout() throws Exception {
    stub.misbehave(Misbehaviour.STRICT);

    Reply reply = reply(Provider.CUSTOM, true);

    assertThat(reply.text()).startsWith("You said: ");
    assertThat(String.join("", parts)).isEqualTo(reply.text());
    assertThat(reply.usage()).isEqualTo(Reply.Usage.UNKNOWN);
    assertThat(stub.requests()).hasSize(2);
    assertThat(stub.requests().get(0).body()).contains("stream_options");
    assertThat(stub.lastQuestion().body()).doesNotContain("stream_options");
  }

  @ParameterizedTest
  @CsvSource({"custom, STATUS_400, 2", "custom, STATUS_500, 3", "openai, STRICT, 1"})
  void whatDoesNotPassIsNotAskedAgain(Provider provider, Misbehaviour how, int requests) {
    stub.misbehave(how);

    assertThat(outcome(failure(provider, true, PATIENCE))).isEqualTo(CallOutcome.UPSTREAM_ERROR);
    assertThat(stub.requests()).hasSize(requests);
  }

  @Test
  void aQuestionThatIsRefusedSaysWhatMayBeWrongWithIt() {
    stub.misbehave(Misbehaviour.STATUS_400);

    assertThat(failure(Provider.OPENAI, false, PATIENCE))
        .hasMessageContaining("conversation may be too long");
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "ollama", "custom"})
  void aCancelledCallSaysNothingMore(Provider provider) throws Exception {
    stub.misbehave(Misbehaviour.SLOW);
    ModelCall exchange = ask(provider, true, PATIENCE);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (parts.isEmpty() && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(5);
    }

    exchange.cancel();
    int heard = parts.size();

    assertThat(stub.awaitDeparture(Duration.ofSeconds(2))).isTrue();
    assertThat(parts).hasSize(heard);
  }

  @Test
  void aProviderMayAskForAPause() {
    stub.misbehave(Misbehaviour.STATUS_429);

    assertThat(failure(Provider.OPENAI, false, PATIENCE).retryAfter())
        .contains(Duration.ofSeconds(7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic", "ollama", "custom"})
  void silenceEndsWithTheTimeout(Provider provider) {
    stub.misbehave(Misbehaviour.SILENT);

    assertThat(outcome(failure(provider, false, Duration.ofMillis(300))))
        .isEqualTo(CallOutcome.TIMEOUT);
    assertThat(outcome(failure(provider, true, Duration.ofMillis(300))))
        .isEqualTo(CallOutcome.TIMEOUT);
  }

  @Test
  void aPortWhereNobodyListensIsUnreachable() {
    int port;
    try (StubProvider closed = StubProvider.start()) {
      port = closed.port();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    key(Provider.OLLAMA, "", "http://127.0.0.1:" + port);

    assertThat(outcome(failureOf(ask(Provider.OLLAMA, false, PATIENCE, "hi"))))
        .isEqualTo(CallOutcome.UNREACHABLE);
  }
}

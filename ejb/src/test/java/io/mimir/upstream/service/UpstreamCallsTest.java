package io.mimir.upstream.service;

import static io.mimir.upstream.service.ScriptedServer.CHUNK;
import static io.mimir.upstream.service.ScriptedServer.LAST;
import static io.mimir.upstream.service.ScriptedServer.WHOLE;
import static io.mimir.upstream.service.ScriptedServer.answer;
import static io.mimir.upstream.service.ScriptedServer.refuse;
import static io.mimir.upstream.service.ScriptedServer.silence;
import static io.mimir.upstream.service.ScriptedServer.stream;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.error.Problem;
import io.mimir.id.CurrentRequest;
import io.mimir.llm.CallOutcome;
import io.mimir.usage.CallUsage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a call does when its provider fails: the inputs come from the faults of other gateways. */
class UpstreamCallsTest {

  private TestEngine engine;
  private ScriptedServer house;
  private ScriptedServer cloud;

  @BeforeEach
  void start() throws IOException {
    engine = new TestEngine();
    house = new ScriptedServer();
    cloud = new ScriptedServer();
  }

  @AfterEach
  void stop() {
    engine.close();
    house.close();
    cloud.close();
  }

  private RecordedTarget whole(String model) throws InterruptedException {
    return engine.call(model, false, "{\"q\":" + System.nanoTime() + "}").await();
  }

  private RecordedTarget streamed(String model) throws InterruptedException {
    return engine.call(model, true, "{\"q\":" + System.nanoTime() + "}").await();
  }

  /** Kind 1. */
  @ParameterizedTest
  @ValueSource(strings = {"drop", "silence", "401", "429", "500", "cut"})
  void aPromptNeverReachesAServerThatDoesNotOfferTheModel(String fault) throws Exception {
    engine.key("house", house, "house-llm");
    engine.key("cloud", cloud, "m1");
    house.always(
        switch (fault) {
          case "drop" -> exchange -> {};
          case "silence" -> silence();
          case "cut" -> stream(0, CHUNK);
          case "429" -> refuse(429, "rate_limit_exceeded", "Retry-After", "30");
          default -> refuse(Integer.parseInt(fault), "wrong");
        });

    for (int i = 0; i < 3; i++) {
      assertThat(whole("house-llm").failure).isNotNull();
      assertThat(streamed("house-llm").failure).isNotNull();
    }

    assertThat(cloud.bodies()).isEmpty();
    assertThat(whole("m1").status).isEqualTo(200);
  }

  /** Kind 2. */
  @ParameterizedTest
  @CsvSource({
    "403, model_not_found",
    "404, model_not_found",
    "429, rate_limit_exceeded",
    "400, invalid_value",
    "500, server_error"
  })
  void aFailureOfOneModelLeavesTheOthersToAllKeys(int status, String code) throws Exception {
    for (String name : List.of("a", "b", "c")) {
      engine.key(name, house, "m1", "m2");
    }
    house.answering(
        asked ->
            asked.contains("m2")
                ? refuse(status, code, "Retry-After", "30")
                : answer(200, "application/json", WHOLE));
    for (int i = 0; i < 5; i++) {
      assertThat(engine.call("m2", false, "{\"model\":\"m2\"}").await().failure).isNotNull();
    }

    for (int i = 0; i < 10; i++) {
      assertThat(whole("m1").status).isEqualTo(200);
    }
  }

  /** Kind 2. */
  @Test
  void aQuestionThatTheProviderFindsWrongIsPutToOneKeyAndToldInItsWords() throws Exception {
    engine.key("a", house, "m1");
    engine.key("b", house, "m1");
    house.always(refuse(400, "context_length_exceeded"));

    RecordedTarget target = whole("m1");

    assertThat(house.bodies()).hasSize(1);
    assertThat(target.failure.status()).isEqualTo(400);
    assertThat(target.failure.words().message())
        .isEqualTo("Something about context_length_exceeded");
    assertThat(target.failure.words().code()).isEqualTo("context_length_exceeded");
  }

  /** Kind 2: it may be paid already. */
  @Test
  void aSilentProviderIsToldOfAndNoOtherKeyIsAsked() throws Exception {
    engine.key("a", house, "m1");
    engine.key("b", house, "m1");
    house.always(silence());

    RecordedTarget target = whole("m1");

    assertThat(house.bodies()).hasSize(1);
    assertThat(target.failure.outcome()).isEqualTo(CallOutcome.TIMEOUT);
    assertThat(target.failure.problem().getMessage()).contains("2 seconds");
    assertThat(target.failure.isFinal()).isTrue();
  }

  /** Kind 3. */
  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 529})
  void aFailureThatPassesIsTriedAgainWithTheOnlyKey(int status) throws Exception {
    engine.key("only", house, "m1");
    house.then(refuse(status, "server_error"));

    assertThat(whole("m1").status).isEqualTo(200);
    assertThat(house.bodies()).hasSize(2);
  }

  /** Kind 3. */
  @Test
  void aConnectionThatDropsIsTriedAgain() throws Exception {
    engine.key("only", house, "m1");
    house.then(exchange -> {});

    assertThat(streamed(house, stream(0, CHUNK, LAST)).text()).contains("Hel", "[DONE]");
  }

  private RecordedTarget streamed(ScriptedServer server, ScriptedServer.Step step)
      throws InterruptedException {
    server.always(step);
    return streamed("m1");
  }

  /** Kind 3. */
  @Test
  void aShortRetryAfterIsWaitedForAndALongOneIsLeftToTheCaller() throws Exception {
    engine.key("only", house, "m1");
    house.then(refuse(429, "rate_limit_exceeded", "Retry-After", "1"));

    assertThat(whole("m1").status).isEqualTo(200);

    house.then(refuse(429, "rate_limit_exceeded", "Retry-After", "7"));
    RecordedTarget late = whole("m1");
    assertThat(late.failure.problem().problem()).isEqualTo(Problem.RATE_LIMITED);
    assertThat(late.failure.problem().retryAfter()).contains(Duration.ofSeconds(7));
    assertThat(late.failure.isFinal()).as("the caller may wait").isFalse();
  }

  /** Kind 3. */
  @Test
  void whatFailsAgainAndAgainIsTriedThreeTimesAndSaidToBeFinal() throws Exception {
    engine.key("only", house, "m1");
    house.always(refuse(529, "overloaded_error"));

    RecordedTarget target = whole("m1");

    assertThat(house.bodies()).hasSize(3);
    assertThat(target.failure.status()).isEqualTo(529);
    assertThat(target.failure.isFinal()).isTrue();
  }

  @Test
  void oneCallAsksAtMostThreeKeys() throws Exception {
    for (int i = 0; i < 8; i++) {
      engine.key("k" + i, house, "m1");
    }
    house.always(refuse(500, "server_error"));

    assertThat(whole("m1").failure).isNotNull();

    assertThat(house.bodies()).hasSize(3);
  }

  @Test
  void aKeyThatIsRefusedGivesWayToTheNext() throws Exception {
    engine.key("dead", house, "m1");
    engine.key("good", cloud, "m1");
    house.always(refuse(401, "invalid_api_key"));

    for (int i = 0; i < 6; i++) {
      assertThat(whole("m1").status).isEqualTo(200);
    }
    assertThat(house.bodies()).hasSizeLessThanOrEqualTo(1);
  }

  /** Kind 4. */
  @Test
  void aStreamThatLivesIsNotCutHoweverLongItTakes() throws Exception {
    engine.key("only", house, "m1");
    house.always(stream(900, CHUNK, CHUNK, CHUNK, CHUNK, LAST));

    assertThat(streamed("m1").text()).endsWith("data: [DONE]\n\n");
  }

  /** Kind 4. */
  @Test
  void commentsAreNoAnswerAndEndNoSilence() throws Exception {
    engine.key("only", house, "m1");
    String[] comments = new String[12];
    java.util.Arrays.fill(comments, ": still here\n\n");
    house.always(stream(400, comments));

    RecordedTarget target = streamed("m1");

    assertThat(target.failure.outcome()).isEqualTo(CallOutcome.TIMEOUT);
    assertThat(target.text()).isEmpty();
  }

  /** Kind 5. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"error\":{\"code\":429,\"message\":\"busy\"}}",
        "{\"choices\":[],\"error\":{\"code\":502,\"message\":\"gone\"}}",
        "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}",
        "{\"error\":\"out of memory\"}"
      })
  void anErrorInsideOfAWholeSuccessIsAnError(String body) throws Exception {
    engine.key("a", house, "m1");
    engine.key("b", cloud, "m1");
    house.always(answer(200, "application/json", body));

    for (int i = 0; i < 4; i++) {
      assertThat(whole("m1").text()).isEqualTo(WHOLE);
    }
  }

  /** Kind 5. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"error\":{\"code\":429,\"message\":\"busy\"}}\n\n",
        ": comment\n\ndata: {\"error\":{\"message\":\"busy\"}}\n\n",
        "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"a-long-name\",\"choices\":[],\"error\":{\"code\":500}}\n\n",
        "data: [DONE]\n\n",
        ": only a comment\n\n",
        "\n"
      })
  void aStreamThatBeginsWithAnErrorGoesToAnotherKey(String body) throws Exception {
    engine.key("a", house, "m1");
    engine.key("b", cloud, "m1");
    house.always(stream(0, body));
    cloud.always(stream(0, CHUNK, LAST));

    for (int i = 0; i < 4; i++) {
      RecordedTarget target = streamed("m1");
      assertThat(target.failure).isNull();
      assertThat(target.text()).isEqualTo(CHUNK + LAST);
    }
  }

  /** Kind 5. */
  @ParameterizedTest
  @ValueSource(strings = {"application/json", "text/plain", "application/octet-stream"})
  void aStreamWithTheWrongLabelIsAStream(String type) throws Exception {
    engine.key("only", house, "m1");
    house.always(answer(200, type, "\n" + CHUNK + LAST));

    assertThat(streamed("m1").text()).isEqualTo(CHUNK + LAST);
  }

  /** Kind 9. */
  @Test
  void aStreamThatTheCallerLeavesIsCountedByEstimate() throws Exception {
    engine.key("only", house, "m1");
    house.always(stream(300, CHUNK, CHUNK, CHUNK, CHUNK, CHUNK, CHUNK, CHUNK, LAST));
    RecordedTarget target =
        engine.call("m1", true, "{\"messages\":[{\"content\":\"A long question\"}]}");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (target.text().isEmpty() && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(10);
    }

    target.control.cancel();

    CallUsage used = engine.awaitCounted(1).get(0);
    assertThat(used.estimated()).isTrue();
    assertThat(used.inputTokens()).isPositive();
    assertThat(used.outputTokens()).isPositive();
    assertThat(used.error()).isFalse();
  }

  /** Kind 9. */
  @Test
  void fractionsOfTokensCountAsWholeOnes() throws Exception {
    engine.key("only", house, "m1");
    house.always(
        answer(
            200,
            "application/json",
            WHOLE.replace("\"prompt_tokens\":3", "\"prompt_tokens\":14417.92")));
    whole("m1");

    assertThat(engine.awaitCounted(1).get(0).inputTokens()).isEqualTo(14418);
  }

  /** Must reach: a broken key and a broken server under mixed models. */
  @Test
  void amongFiveHundredMixedCallsNoneOfAnotherModelFails() throws Exception {
    engine.key("broken", house, "m2");
    engine.key("sound", cloud, "m1");
    house.always(
        exchange ->
            List.of(refuse(500, "x"), refuse(401, "x"), refuse(404, "model"), stream(0, CHUNK))
                .get(house.bodies().size() % 4)
                .answer(exchange));
    List<RecordedTarget> sound = new java.util.ArrayList<>();
    for (int i = 0; i < 250; i++) {
      engine.call("m2", i % 2 == 0, "{\"model\":\"m2\",\"n\":" + i + "}");
      sound.add(engine.call("m1", false, "{\"model\":\"m1\",\"n\":" + i + "}"));
    }

    for (RecordedTarget target : sound) {
      assertThat(target.await().status).isEqualTo(200);
    }
    assertThat(cloud.bodies()).noneMatch(body -> body.contains("m2"));
  }

  /** Answers come on threads that serve all calls, and a second try on yet another one. */
  @ParameterizedTest
  @CsvSource({"200, true", "200, false", "500, false", "401, false"})
  void whatTheLogSaysOfACallNamesTheRequestThatAskedForIt(int status, boolean streamed)
      throws Exception {
    engine.key("only", house, "m1");
    if (status == 200) {
      house.always(streamed ? stream(0, CHUNK, LAST) : answer(200, "application/json", WHOLE));
    } else {
      house.always(refuse(status, "wrong"));
    }
    String before = CurrentRequest.enter("req_1");
    RecordedTarget target = engine.call("m1", streamed, "{\"model\":\"m1\"}");
    CurrentRequest.enter(before);

    assertThat(target.await().request).isEqualTo("req_1");
    assertThat(CurrentRequest.id()).isNull();
  }
}

package io.mimir.upstream.service;

import static io.mimir.upstream.service.ScriptedServer.CHUNK;
import static io.mimir.upstream.service.ScriptedServer.LAST;
import static io.mimir.upstream.service.ScriptedServer.WHOLE;
import static io.mimir.upstream.service.ScriptedServer.answer;
import static io.mimir.upstream.service.ScriptedServer.refuse;
import static io.mimir.upstream.service.ScriptedServer.silence;
import static io.mimir.upstream.service.ScriptedServer.stream;
import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.upstream.service.ScriptedServer.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One thing fails, while 500 calls of several models come in each second. */
class FailuresUnderLoadTest {

  private static final int CALLS = 500;
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1) / 500;

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

  private static Step fault(String name) {
    return switch (name) {
      case "drop" -> exchange -> {};
      case "silence" -> silence();
      case "cut" -> stream(0, CHUNK);
      case "page" -> answer(200, "text/html", "<html>Please sign in</html>");
      case "broken" -> answer(200, "application/json", "{\"id\":");
      case "error inside" ->
          answer(200, "application/json", "{\"error\":{\"code\":429,\"message\":\"Slow down\"}}");
      case "429" -> refuse(429, "rate_limit_exceeded", "Retry-After", "30");
      case "404" -> refuse(404, "model_not_found");
      case "403" -> refuse(403, "model_not_found");
      case "400" -> refuse(400, "invalid_value");
      default -> refuse(Integer.parseInt(name), "wrong");
    };
  }

  /** Calls of these models by turns, at an even pace. */
  private Map<String, List<RecordedTarget>> load(String... models) throws InterruptedException {
    Map<String, List<RecordedTarget>> targets = new HashMap<>();
    long due = System.nanoTime();
    for (int i = 0; i < CALLS; i++) {
      String model = models[i % models.length];
      String question = "{\"model\":\"%s\",\"stream\":%s}".formatted(model, i % 2 == 1);
      targets
          .computeIfAbsent(model, each -> new ArrayList<>())
          .add(engine.call(model, i % 2 == 1, question));
      due += PAUSE_NANOS;
      LockSupport.parkNanos(due - System.nanoTime());
    }
    for (List<RecordedTarget> each : targets.values()) {
      for (RecordedTarget target : each) {
        target.await();
      }
    }
    return targets;
  }

  private static void assertThatOnlyThisFailed(
      String model, Map<String, List<RecordedTarget>> targets) {
    assertThat(targets.get(model)).noneMatch(RecordedTarget::succeeded);
    assertThat(targets.get("m1")).hasSize(200).allMatch(RecordedTarget::succeeded);
    assertThat(targets.get("m2")).hasSize(100).allMatch(RecordedTarget::succeeded);
  }

  private static Step usual(String asked) {
    return asked.contains("\"stream\":true")
        ? stream(0, CHUNK, LAST)
        : answer(200, "application/json", WHOLE);
  }

  /** The endpoint of some models fails; the other endpoint offers none of them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "drop",
        "silence",
        "cut",
        "page",
        "broken",
        "error inside",
        "400",
        "401",
        "403",
        "404",
        "429",
        "500",
        "503",
        "529"
      })
  void anEndpointThatFailsTakesNoOtherModelAlongAndSendsNoPromptElsewhere(String fault)
      throws InterruptedException {
    engine.key("house", house, "house-llm");
    engine.key("cloud", cloud, "m1", "m2");
    house.always(fault(fault));
    cloud.answering(FailuresUnderLoadTest::usual);

    Map<String, List<RecordedTarget>> targets = load("house-llm", "m1", "house-llm", "m2", "m1");

    assertThat(cloud.bodies()).noneMatch(body -> body.contains("house-llm"));
    assertThat(house.bodies()).allMatch(body -> body.contains("house-llm"));
    assertThatOnlyThisFailed("house-llm", targets);
  }

  /** One model of both keys fails, where their other models do not. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "silence",
        "cut",
        "broken",
        "error inside",
        "400",
        "403",
        "404",
        "429",
        "500",
        "503",
        "529"
      })
  void aModelThatFailsLeavesTheOthersToTheSameKeys(String fault) throws InterruptedException {
    engine.key("a", house, "m1", "m2", "m3");
    engine.key("b", house, "m1", "m2", "m3");
    Step failing = fault(fault);
    house.answering(asked -> asked.contains("m3") ? failing : usual(asked));

    Map<String, List<RecordedTarget>> targets = load("m3", "m1", "m3", "m2", "m1");

    assertThatOnlyThisFailed("m3", targets);
  }
}

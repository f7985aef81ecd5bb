package io.mimir.pipeline.service.language;

import static io.mimir.pipeline.service.language.Samples.definition;
import static io.mimir.pipeline.service.language.Samples.withSteps;
import static io.mimir.pipeline.service.language.Samples.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DefinitionReaderTest {

  private static List<Finding> told(JsonNode json) {
    return DefinitionReader.read(json).findings();
  }

  @Test
  void everyKindOfStepIsRead() {
    Definition read = definition(yaml(Samples.good().get(1)));

    assertThat(read.name()).isEqualTo("all_of-it");
    assertThat(read.limits()).isEqualTo(new Definition.Limits(Duration.ofHours(2), 5000L, 4));
    assertThat(read.steps())
        .extracting(step -> step.work().getClass().getSimpleName())
        .containsExactly("Action", "Model", "Branch", "Each", "Parallel", "Approve");
    Step fetch = read.steps().get(0);
    assertThat(fetch.work())
        .isEqualTo(
            new Step.Action(
                "http_input", "fetch.page", Samples.json("{\"url\":\"{{input.url}}\"}")));
    assertThat(fetch.retry().delay()).isEqualTo(Duration.ofSeconds(1));
    assertThat(fetch.retry().reasons()).containsExactlyInAnyOrder("timeout", "BUSY");
    assertThat(fetch.timeout()).isEqualTo(Duration.ofSeconds(90));
    assertThat(fetch.onError()).isEqualTo(new Step.OnError(Step.OnError.Kind.GO_TO, "ask"));
    assertThat(read.steps().get(2).work()).extracting("when").isEqualTo("true");
    assertThat(read.steps().get(1).work()).extracting("rounds").isEqualTo(3);
  }

  static Stream<Map.Entry<String, String>> bad() {
    return Samples.bad().entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("bad")
  void whatIsWrongIsToldWithItsPlace(Map.Entry<String, String> bad) {
    assertThat(told(yaml(bad.getKey())))
        .extracting(finding -> finding.path() + " " + finding.code())
        .containsExactly(bad.getValue());
  }

  @Test
  void allThatIsWrongIsToldAtOnce() {
    List<Finding> told =
        told(
            yaml(
                """
                nmae: sample
                steps:
                  - {name: a, action: a.b, timeout: 5}
                  - {name: a, prompt: x}
                  - {name: loop, each: {over: [], steps: [{name: in, wait: {for: 400d}}]}}
                """));

    assertThat(told)
        .extracting(Finding::path)
        .containsExactlyInAnyOrder(
            "/nmae",
            "/name",
            "/steps/0/timeout",
            "/steps/1/name",
            "/steps/1",
            "/steps/2/each/steps/0/wait/for");
    assertThat(told).extracting(Finding::step).contains("a", "loop.in");
    assertThat(told)
        .extracting(Finding::message)
        .contains("There is no nmae in a pipeline. Did you mean name?")
        .contains("for has to be from 1ms to 366d.");
  }

  @Test
  void aNumberWhereATextIsWantedIsToldAndNotGuessed() {
    assertThat(told(withSteps("  - {name: a, model: gpt-5, prompt: 42}")))
        .extracting(Finding::message)
        .containsExactly("prompt has to be a text: put it in quotes, and is a whole number.");
  }

  @Test
  void twoHundredStepsAreReadAndOneMoreIsNot() {
    ObjectNode pipeline = (ObjectNode) yaml("name: sample\nsteps: []");
    ArrayNode steps = (ArrayNode) pipeline.get("steps");
    for (int i = 0; i < 200; i++) {
      steps.addObject().put("name", "s" + i).put("action", "a.b");
    }
    assertThat(told(pipeline)).isEmpty();

    steps.addObject().put("name", "more").put("action", "a.b");
    assertThat(DefinitionReader.read(pipeline).definition()).isNull();
    assertThat(told(pipeline))
        .singleElement()
        .extracting(Finding::message)
        .asString()
        .startsWith("A pipeline has at most 200 steps");
  }

  @Test
  void stepsAreEightDeepAndNotNine() {
    assertThat(told(nested(8))).isEmpty();
    assertThat(told(nested(9))).extracting(Finding::code).containsExactly("too_deep");
    assertThat(told(nested(5_000))).extracting(Finding::code).containsExactly("too_deep");
  }

  private static JsonNode nested(int depth) {
    ObjectNode step = Samples.JSON.createObjectNode().put("name", "s").put("action", "a.b");
    for (int i = 1; i < depth; i++) {
      ObjectNode each = Samples.JSON.createObjectNode();
      each.putArray("over");
      each.putArray("steps").add(step);
      step = Samples.JSON.createObjectNode().put("name", "s" + i).set("each", each);
    }
    ObjectNode pipeline = Samples.JSON.createObjectNode().put("name", "sample");
    pipeline.putArray("steps").add(step);
    return pipeline;
  }

  @Test
  void aLongExpressionIsToldWithItsLimit() {
    String when = "true".repeat(1_025);
    assertThat(told(withSteps("  - {name: a, action: a.b, when: " + when + "}")))
        .extracting(Finding::message)
        .containsExactly("An expression has at most 4,096 characters.");
  }

  @Test
  void whatIsNoObjectIsTold() {
    for (String json : List.of("[]", "null", "5", "\"x\"")) {
      assertThat(told(Samples.json(json))).extracting(Finding::code).containsExactly("wrong_type");
    }
    assertThat(told(null)).hasSize(1);
  }
}

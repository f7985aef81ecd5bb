package io.mimir.pipeline.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.language.DefinitionReader;
import io.mimir.pipeline.service.language.Finding;
import io.mimir.pipeline.service.run.RunJson;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepTreeTest {

  private final ObjectNode definition =
      (ObjectNode)
          RunJson.stored(
              """
              {"name": "one", "steps": [
                {"name": "a", "wait": {"for": "1s"}},
                {"name": "loop", "each": {"over": [1], "steps": [
                  {"name": "b", "wait": {"for": "1s"}},
                  {"name": "check", "branch": {"when": "true", "then": [
                    {"name": "c", "wait": {"for": "1s"}}]}}]}}]}
              """);
  private final StepTree tree = new StepTree(definition);

  @Test
  void stepsWithinOthersComeAfterThem() {
    assertThat(tree.rows(List.of()))
        .extracting(StepTree.Row::path)
        .containsExactly(
            "a",
            "loop",
            "loop.b",
            "loop.check",
            "loop.check.then.",
            "loop.check.then.c",
            "loop.check.else.");
  }

  @Test
  void aFindingIsToldAtTheInnermostStep() {
    Finding finding =
        new Finding("/steps/1/each/steps/0/wait/for", "loop.b", "invalid", "Not so long");
    assertThat(tree.rows(List.of(finding)))
        .filteredOn(row -> !row.findings().isEmpty())
        .extracting(StepTree.Row::path)
        .containsExactly("loop.b");
  }

  @Test
  void aStepMovesWithinItsList() {
    assertThat(tree.move("/steps/1", -1)).isEqualTo("/steps/0");
    assertThat(definition.at("/steps/0/name").asText()).isEqualTo("loop");
    assertThat(definition.at("/steps/1/name").asText()).isEqualTo("a");
  }

  @Test
  void atTheEndOfItsListAStepStays() {
    assertThat(tree.move("/steps/0", -1)).isEqualTo("/steps/0");
    assertThat(tree.move("/steps/1", 1)).isEqualTo("/steps/1");
    assertThat(tree.move("/steps/9", 1)).isEqualTo("/steps/9");
  }

  @Test
  void whatLiesInAStepGoesWithIt() {
    tree.remove("/steps/1");
    assertThat(tree.rows(List.of())).extracting(StepTree.Row::path).containsExactly("a");
  }

  @Test
  void aNewStepGetsANameThatIsNotTaken() {
    ObjectNode step = RunJson.object().put("name", "c");
    assertThat(tree.add("/steps", step)).isEqualTo("/steps/2");
    assertThat(step.path("name").asText()).isEqualTo("c_2");
  }

  @Test
  void aListThatIsNotThereYetIsMade() {
    String at = tree.add("/steps/1/each/steps/1/branch/else", RunJson.object().put("name", "d"));
    assertThat(definition.at(at).path("name").asText()).isEqualTo("d");
  }

  @Test
  void everyListIsAPlaceForANewStep() {
    assertThat(tree.places())
        .extracting(StepTree.Place::path)
        .containsExactly("", "loop", "loop.check.then", "loop.check.else");
  }

  @Test
  void aDefinitionThatIsNoneHasNoSteps() {
    ObjectNode wrong = RunJson.object().put("steps", "none");
    StepTree none = new StepTree(wrong);
    assertThat(none.rows(List.of())).isEmpty();
    assertThat(none.add("/steps", RunJson.object().put("name", "a"))).isEqualTo("/steps/0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "branch", "each", "parallel", "wait", "approve"})
  void whatIsAddedIsAStepWhoseFormIsRight(String kind) {
    ObjectNode step = NewSteps.step(kind, "m1", List.of());
    if (kind.equals("model")) {
      step.put("prompt", "Hello");
    }
    tree.add("/steps", step);
    assertThat(DefinitionReader.read(definition).findings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"digest", "each", "approval", "anything else"})
  void theFormOfEachTemplateIsRight(String name) {
    assertThat(DefinitionReader.read(Starters.read(name, "m1")).findings()).isEmpty();
  }
}

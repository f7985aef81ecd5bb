package io.mimir.pipeline.service.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.ToolCall;
import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.StepStatus;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Step;
import io.mimir.pipeline.service.language.Step.OnError;
import io.mimir.pipeline.service.language.Step.Retry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs from their beginning to their end, on a real database. */
class EngineTest {

  private static final Retry TWICE =
      new Retry(2, Duration.ofMillis(1), 1, Duration.ofMillis(5), Set.of());

  private final TestRuns test = new TestRuns();

  @AfterEach
  void close() {
    test.close();
  }

  private static ObjectNode json(String text) {
    try {
      return (ObjectNode) RunJson.read(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Step step(String name, Step.Work work) {
    return new Step(name, null, Retry.NONE, null, OnError.STOP, work);
  }

  private static Step action(String name, String action, String with) {
    return step(name, new Step.Action("test", action, json(with)));
  }

  private static Definition definition(Step... steps) {
    return new Definition("p", "", null, List.of(steps), null, Definition.Limits.DEFAULT);
  }

  @Test
  void stepsAreDoneInOrderAndSeeWhatCameBefore() {
    test.action("one", input -> json("{\"n\":1}"));
    test.action("two", input -> input);
    String id =
        test.start(
            definition(
                action("first", "one", "{}"),
                action("second", "two", "{\"got\":{\"$pointer\":\"/steps/first\"}}")),
            json("{}"));
    assertThat(test.work(id)).isEqualTo(Outcome.ENDED);
    assertThat(test.row(id).facts().status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(test.output(id)).isEqualTo(json("{\"got\":{\"n\":1}}"));
    assertThat(test.called).containsExactly("one", "two");
  }

  @Test
  void aPassingFailureIsTriedAgainAndALastingOneIsNot() {
    AtomicInteger times = new AtomicInteger();
    test.action(
        "flaky",
        input -> {
          if (times.incrementAndGet() < 3) {
            throw StepFailure.passing("busy", "Later");
          }
          return json("{}");
        });
    Step flaky =
        new Step(
            "s", null, TWICE, null, OnError.STOP, new Step.Action("test", "flaky", json("{}")));
    String id = test.start(definition(flaky), json("{}"));
    test.work(id);
    assertThat(test.row(id).facts().status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(times.get()).isEqualTo(3);
    assertThat(test.calls.stream().map(ActionCalls.Call::idempotencyKey).distinct()).hasSize(3);

    test.action(
        "broken",
        input -> {
          throw StepFailure.lasting("bad", "Never");
        });
    Step broken =
        new Step(
            "s", null, TWICE, null, OnError.STOP, new Step.Action("test", "broken", json("{}")));
    String other = test.start(definition(broken), json("{}"));
    test.work(other);
    assertThat(test.row(other).facts().status()).isEqualTo(RunStatus.FAILED);
    assertThat(test.row(other).error()).isEqualTo(json("{\"code\":\"bad\",\"message\":\"Never\"}"));
    assertThat(test.called.stream().filter("broken"::equals)).hasSize(1);
  }

  @Test
  void eachGivesTheResultsInTheOrderOfTheItems() {
    test.action("echo", input -> input);
    Step each =
        step(
            "loop",
            new Step.Each(
                json("{\"$pointer\":\"/input/list\"}"),
                4,
                List.of(action("inner", "echo", "{\"x\":{\"$pointer\":\"/item\"}}"))));
    String id = test.start(definition(each), json("{\"list\":[1,2,3,4,5,6,7,8]}"));
    test.work(id);
    JsonNode output = test.output(id);
    assertThat(output.size()).isEqualTo(8);
    for (int i = 0; i < 8; i++) {
      assertThat(output.get(i).path("x").asInt()).isEqualTo(i + 1);
    }
    assertThat(test.state(id).steps().stream().map(StepState::path)).contains("loop.7.inner");
  }

  @Test
  void waysAreGoneSideBySideAndGiveAnObject() {
    test.action("one", input -> json("{\"n\":1}"));
    test.action("two", input -> json("{\"n\":2}"));
    Step both =
        step(
            "both",
            new Step.Parallel(
                Map.of(
                    "left", List.of(action("a", "one", "{}")),
                    "right", List.of(action("b", "two", "{}")))));
    String id = test.start(definition(both), json("{}"));
    test.work(id);
    assertThat(test.output(id)).isEqualTo(json("{\"left\":{\"n\":1},\"right\":{\"n\":2}}"));
  }

  @Test
  void anApprovalRestsUntilAPersonAnswers() throws RunLostException {
    test.action("after", input -> json("{}"));
    Definition definition =
        definition(step("ask", new Step.Approve("admin", "Go on?")), action("s", "after", "{}"));
    String id = test.start(definition, json("{}"));
    assertThat(test.work(id)).isEqualTo(Outcome.rests(Long.MAX_VALUE));
    assertThat(test.row(id).facts().status()).isEqualTo(RunStatus.WAITING);
    assertThat(test.runs.unfinished()).isEmpty();

    test.restart();
    test.journal.append(
        RunWrite.from(id)
            .event(RunEvent.Kind.APPROVED, "ask", 1, json("{\"approved\":true,\"by\":\"ann\"}")));
    assertThat(test.runs.unfinished()).containsExactly(id);
    assertThat(test.work(id)).isEqualTo(Outcome.ENDED);
    assertThat(test.called).containsExactly("after");
  }

  @Test
  void aNoFailsTheRun() throws RunLostException {
    String id =
        test.start(definition(step("ask", new Step.Approve("admin", "Go on?"))), json("{}"));
    test.work(id);
    test.journal.append(
        RunWrite.from(id)
            .event(
                RunEvent.Kind.APPROVED,
                "ask",
                1,
                json("{\"approved\":false,\"by\":\"ann\",\"note\":\"not today\"}")));
    test.work(id);
    assertThat(test.row(id).error().path("message").asText()).isEqualTo("ann said no: not today");
  }

  @Test
  void aWaitTakesNoThreadAndGoesOnAtItsTime() {
    String id =
        test.start(
            definition(step("w", new Step.Wait(Duration.ofMillis(2_500), null))), json("{}"));
    Outcome rest = test.work(id);
    assertThat(rest.kind()).isEqualTo(Outcome.Kind.RESTS);
    assertThat(rest.until()).isGreaterThan(System.currentTimeMillis());
    Pauses.sleep(Duration.ofMillis(700));
    assertThat(test.work(id)).isEqualTo(Outcome.ENDED);
    assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(rest.until());
  }

  @Test
  void afterAFailureTheRunGoesWhereTheStepSays() {
    test.action(
        "broken",
        input -> {
          throw StepFailure.lasting("bad", "Never");
        });
    test.action("late", input -> json("{\"late\":true}"));
    Step broken =
        new Step(
            "s",
            null,
            Retry.NONE,
            null,
            new OnError(OnError.Kind.GO_TO, "end"),
            new Step.Action("test", "broken", json("{}")));
    String id =
        test.start(
            definition(broken, action("between", "late", "{}"), action("end", "late", "{}")),
            json("{}"));
    test.work(id);
    assertThat(test.called).containsExactly("broken", "late");
    assertThat(test.state(id).steps().stream().map(StepState::path)).doesNotContain("between");
  }

  @Test
  void aModelCallsToolsAndEveryAnswerIsWrittenDownOnce() {
    test.action("lookup", input -> json("{\"temperature\":7}"));
    test.model =
        question ->
            question.turns().size() == 1
                ? new ModelAsks.Answer(
                    "",
                    List.of(new ToolCall("c1", "test__lookup", "{\"city\":\"Oslo\"}")),
                    "m",
                    "openai",
                    10,
                    5)
                : new ModelAsks.Answer("7 degrees", List.of(), "m", "openai", 20, 6);
    Step model =
        step(
            "ask",
            new Step.Model(
                "m",
                null,
                List.of(new Step.Model.Message("user", "How warm is it?")),
                null,
                List.of(new Step.Model.Tool("test", "lookup")),
                3,
                null));
    String id = test.start(definition(model), json("{}"));
    test.work(id);
    assertThat(test.output(id).path("text").asText()).isEqualTo("7 degrees");
    assertThat(test.questions.get(1).turns().get(2).text()).isEqualTo("{\"temperature\":7}");
    assertThat(test.row(id).inputTokens()).isEqualTo(30);
    StepState state = test.state(id).look("ask", one -> one);
    assertThat(state.inputTokens()).isEqualTo(30);
    assertThat(state.status()).isEqualTo(StepStatus.SUCCEEDED);
  }

  @Test
  void whatHasEndedTakesNoMoreEvents() {
    test.action("one", input -> json("{}"));
    String id = test.start(definition(action("s", "one", "{}")), json("{}"));
    test.work(id);
    assertThat(test.work(id)).isEqualTo(Outcome.LOST);
    assertThat(test.called).hasSize(1);
  }
}

package io.mimir.pipeline.service.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Step;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunTalliesTest {

  private final TestRuns test = new TestRuns();
  private final RunTallies tallies = new RunTallies(test.store.connections());
  private final LocalDate day = LocalDate.now(ZoneOffset.UTC).minusDays(1);

  @AfterEach
  void close() {
    test.close();
  }

  private static Definition calling(String action) {
    Step step =
        new Step(
            "s",
            null,
            Step.Retry.NONE,
            null,
            Step.OnError.STOP,
            new Step.Action("test", action, RunJson.object()));
    return new Definition(action, "", null, List.of(step), null, Definition.Limits.DEFAULT);
  }

  private String start(String action) {
    return test.start(calling(action), RunJson.object());
  }

  private void offerActions() {
    test.action("good", input -> input);
    test.action(
        "bad",
        input -> {
          throw StepFailure.lasting("bad", "Never");
        });
  }

  @Test
  void eachRunThatEndsIsCountedOnceByItsPipelineAndAccount() {
    offerActions();
    test.work(start("good"));
    test.work(start("good"));
    test.work(start("bad"));

    Map<String, RunTallies.Tally> expected =
        Map.of("good", new RunTallies.Tally(2, 2), "bad", new RunTallies.Tally(1, 0));
    assertThat(tallies.since(day, null)).isEqualTo(expected);
    assertThat(tallies.since(day, "acc_1")).isEqualTo(expected);
    assertThat(tallies.since(day, "acc_2")).isEmpty();
    assertThat(tallies.since(day.plusDays(3), null)).as("days to come").isEmpty();
  }

  @Test
  void whatHasNotEndedAndWhatWasCancelledIsNotCounted() {
    offerActions();
    start("good");
    RunControl control = new RunControl();
    control.end(RunControl.End.CANCELLED);
    assertThat(test.engine.work(start("good"), control)).isEqualTo(Outcome.ENDED);

    assertThat(tallies.since(day, null)).isEmpty();
  }

  @Test
  void countsStayWhenRunsGoAndGoWithTheirDay() {
    offerActions();
    String id = start("good");
    test.work(id);
    test.runs.delete(id);
    tallies.forgetBefore(day);
    assertThat(tallies.since(day, null)).containsKey("good");

    tallies.forgetBefore(day.plusDays(3));
    assertThat(tallies.since(day, null)).isEmpty();
  }
}

package io.mimir.pipeline.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.run.RunEvent;
import io.mimir.pipeline.service.run.RunEvent.Kind;
import io.mimir.pipeline.service.run.RunJson;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The picture of a run. */
class RunTimelineTest {

  private static RunEvent event(long at, Kind kind, String path) {
    return event(at, kind, path, RunJson.object());
  }

  private static RunEvent event(long at, Kind kind, String path, ObjectNode data) {
    return new RunEvent(at, at, kind, path, 1, data);
  }

  @Test
  void workAndRestAndTheTimeBeforeAnotherAttemptAreDrawnWhereTheyWere() {
    List<RunTimeline.Row> rows =
        RunTimeline.of(
            List.of(
                event(1000, Kind.STARTED, null),
                event(1000, Kind.BEGUN, "a"),
                event(1100, Kind.FAILED, "a", RunJson.object().put("retry_at", 1300)),
                event(1300, Kind.BEGUN, "a"),
                event(1500, Kind.FINISHED, "a"),
                event(1500, Kind.ASKED, "b")),
            1000,
            2000);

    assertThat(rows)
        .extracting(RunTimeline.Row::path, RunTimeline.Row::bars)
        .containsExactly(
            tuple(
                "a",
                List.of(
                    new RunTimeline.Bar("work", 0, 100),
                    new RunTimeline.Bar("retry", 100, 200),
                    new RunTimeline.Bar("work", 300, 200))),
            tuple("b", List.of(new RunTimeline.Bar("rest", 500, 500))));
  }

  @Test
  void whatIsShortIsSeenAndStaysInThePicture() {
    assertThat(
            RunTimeline.of(
                    List.of(event(2000, Kind.BEGUN, "a"), event(2000, Kind.FINISHED, "a")),
                    1000,
                    2000)
                .get(0)
                .bars())
        .containsExactly(new RunTimeline.Bar("work", 996, 4));
  }

  @Test
  void whatWasTakenOverHasNoTimeOfItsOwn() {
    assertThat(RunTimeline.of(List.of(event(1000, Kind.TAKEN_OVER, "a")), 1000, 2000)).isEmpty();
  }
}

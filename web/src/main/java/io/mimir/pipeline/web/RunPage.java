package io.mimir.pipeline.web;

import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.service.Runs;
import io.mimir.pipeline.service.run.RunEvent;
import io.mimir.pipeline.service.run.RunFacts;
import io.mimir.pipeline.service.run.RunState;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.security.service.Identity;
import java.util.List;

/**
 * What the page of a run shows beside its head.
 *
 * @param mine whether the visitor may end it and say what became of its steps
 * @param code of what it failed by; null when it did not
 */
public record RunPage(
    boolean mine,
    ShownValue input,
    ShownValue output,
    String code,
    String message,
    List<RunStep> steps,
    List<RunTimeline.Row> timeline) {

  static RunPage of(RunStore.Row row, List<RunEvent> events, Identity reader) {
    RunFacts run = row.facts();
    RunStatus status = run.status();
    RunState state = RunState.of(events);
    long end = run.finishedAt() == 0 ? System.currentTimeMillis() : run.finishedAt();
    return new RunPage(
        Runs.mayEnd(reader, row.facts()),
        ShownValue.of(row.input()),
        ShownValue.of(row.output()),
        row.error() == null ? null : row.error().path("code").asText(),
        row.error() == null ? null : row.error().path("message").asText(),
        state.steps().stream().map(step -> RunStep.of(step, status, reader)).toList(),
        RunTimeline.of(events, run.queuedAt(), end));
  }
}

package io.mimir.pipeline.web;

import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.service.Runs;
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
    List<RunStep> steps) {

  static RunPage of(RunStore.Row row, RunState state, Identity reader) {
    RunStatus status = row.facts().status();
    return new RunPage(
        Runs.mayEnd(reader, row.facts()),
        ShownValue.of(row.input()),
        ShownValue.of(row.output()),
        row.error() == null ? null : row.error().path("code").asText(),
        row.error() == null ? null : row.error().path("message").asText(),
        state.steps().stream().map(step -> RunStep.of(step, status, reader)).toList());
  }
}

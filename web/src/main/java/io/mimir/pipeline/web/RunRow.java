package io.mimir.pipeline.web;

import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.service.run.RunFacts;
import io.mimir.pipeline.service.run.RunStore;
import java.time.Instant;

/**
 * A run as lists and the head of its page show it.
 *
 * @param status as the API writes it
 * @param startedBy {@code manual}, {@code api}, {@code cron}, {@code webhook} or {@code model}
 * @param duration for people; null before it began
 */
public record RunRow(
    String id,
    String pipelineId,
    String pipelineName,
    int revision,
    String status,
    boolean ended,
    String startedBy,
    String takenOverFrom,
    Instant queuedAt,
    Instant startedAt,
    Instant finishedAt,
    String duration,
    long inputTokens,
    long outputTokens) {

  static RunRow of(RunStore.Row row) {
    RunFacts run = row.facts();
    return new RunRow(
        run.id(),
        run.pipelineId(),
        run.pipelineName(),
        run.revision(),
        run.status().wire(),
        run.status().isFinal(),
        run.triggerKind(),
        run.takenOverFrom(),
        RunView.time(run.queuedAt()),
        RunView.time(run.startedAt()),
        RunView.time(run.finishedAt()),
        Spans.between(run.startedAt(), run.finishedAt()),
        row.inputTokens(),
        row.outputTokens());
  }

  /** Whether a person has to do something before it goes on. */
  public boolean isInDoubt() {
    return status.equals(RunStatus.IN_DOUBT.wire());
  }
}

package io.mimir.pipeline.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.pipeline.service.run.RunFacts;
import io.mimir.pipeline.service.run.RunStore;
import java.time.Instant;

/**
 * What a client sees of a run.
 *
 * @param input left out of lists, like the output
 * @param error {@code code} and {@code message}; null when it has not failed
 */
public record RunView(
    String id,
    String pipelineId,
    String pipelineName,
    int revision,
    String status,
    @JsonInclude(JsonInclude.Include.NON_NULL) JsonNode input,
    @JsonInclude(JsonInclude.Include.NON_NULL) JsonNode output,
    JsonNode error,
    Trigger trigger,
    UsageView usage,
    String takenOverFrom,
    Instant queuedAt,
    Instant startedAt,
    Instant finishedAt) {

  /**
   * What started it.
   *
   * @param kind {@code manual}, {@code api}, {@code cron}, {@code webhook} or {@code model}
   */
  public record Trigger(String kind, String id) {}

  /** Tokens of models. */
  public record UsageView(long inputTokens, long outputTokens) {}

  /** Without its values, as lists have it. */
  static RunView of(RunStore.Row row) {
    return of(row, null, null);
  }

  static RunView of(RunStore.Row row, JsonNode input, JsonNode output) {
    RunFacts run = row.facts();
    return new RunView(
        run.id(),
        run.pipelineId(),
        run.pipelineName(),
        run.revision(),
        run.status().wire(),
        input,
        output,
        row.error(),
        new Trigger(run.triggerKind(), run.triggerId()),
        new UsageView(row.inputTokens(), row.outputTokens()),
        run.takenOverFrom(),
        time(run.queuedAt()),
        time(run.startedAt()),
        time(run.finishedAt()));
  }

  /** Null where nothing has happened yet. */
  static Instant time(long millis) {
    return millis == 0 ? null : Instant.ofEpochMilli(millis);
  }
}

package io.mimir.pipeline.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.StepStatus;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.pipeline.service.run.StepState;
import io.mimir.pipeline.service.run.Value;
import java.time.Instant;

/**
 * What a client sees of a step of a run.
 *
 * @param input what it was begun with; a large one is {@code {"file": hash, "bytes": n}} here, and
 *     whole at /steps/{path}/input
 * @param output what it gave, likewise
 * @param asked whom a person's answer is asked of, and what; null where nobody is
 */
public record StepView(
    String path,
    String name,
    String status,
    int attempt,
    Instant startedAt,
    Instant finishedAt,
    JsonNode input,
    JsonNode output,
    JsonNode error,
    RunView.UsageView usage,
    String takenOverFrom,
    @JsonInclude(JsonInclude.Include.NON_NULL) JsonNode asked,
    @JsonInclude(JsonInclude.Include.NON_NULL) Instant wakesAt) {

  /**
   * @param run how the run is: a step that was at work when it ended is not any more
   */
  static StepView of(StepState step, RunStatus run) {
    return new StepView(
        step.path(),
        step.name(),
        status(step.status(), run).wire(),
        step.attempt(),
        RunView.time(step.startedAt()),
        RunView.time(step.finishedAt()),
        shown(step.input()),
        shown(step.result()),
        error(step.failure()),
        step.usesModel() ? new RunView.UsageView(step.inputTokens(), step.outputTokens()) : null,
        step.takenOverFrom(),
        step.asked(),
        RunView.time(step.wakeAt()));
  }

  private static StepStatus status(StepStatus own, RunStatus run) {
    return switch (own) {
      case RUNNING, RETRYING, WAITING, IN_DOUBT -> run.isFinal() ? StepStatus.CANCELLED : own;
      default -> own;
    };
  }

  private static JsonNode shown(Value value) {
    if (value == null) {
      return null;
    }
    return value.sha256() == null ? value.inline() : value.toJson();
  }

  private static JsonNode error(ObjectNode failure) {
    if (failure == null) {
      return null;
    }
    return RunJson.object()
        .put("code", failure.path("code").asText())
        .put("message", failure.path("message").asText());
  }
}

package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.StepStatus;
import io.mimir.pipeline.service.Runs;
import io.mimir.pipeline.service.run.StepState;
import io.mimir.security.service.Identity;
import java.time.Instant;
import java.util.Set;

/**
 * A step as the page of its run shows it.
 *
 * @param duration for people; null before it began
 * @param code of what went wrong; null when nothing did
 * @param fix the name of the text that says what to do about it
 * @param question what a person is asked; null where nobody is
 * @param role whose members may answer
 * @param answerable whether the visitor may answer now
 * @param answer what was answered: {@code approved} or {@code rejected}; null before
 */
public record RunStep(
    String path,
    String status,
    int attempt,
    String duration,
    long tokens,
    ShownValue input,
    ShownValue output,
    String code,
    String message,
    String fix,
    String question,
    String role,
    boolean answerable,
    String answer,
    String by,
    String note,
    Instant wakesAt,
    String takenOverFrom) {

  private static final Set<String> MENDABLE =
      Set.of(
          "timeout",
          "cancelled",
          "not_running",
          "plugin_busy",
          "plugin_crashed",
          "forbidden",
          "bad_input",
          "bad_answer",
          "rejected",
          "budget_exceeded",
          "bad_model");

  static RunStep of(StepState step, RunStatus run, Identity reader) {
    JsonNode failure = step.failure();
    JsonNode asked = step.asked();
    JsonNode answer = step.approved();
    String code = failure == null ? null : failure.path("code").asText();
    return new RunStep(
        step.path(),
        StepView.of(step, run).status(),
        step.attempt(),
        Spans.between(step.startedAt(), step.finishedAt()),
        step.inputTokens() + step.outputTokens(),
        ShownValue.of(step.input()),
        ShownValue.of(step.result()),
        code,
        failure == null ? null : failure.path("message").asText(),
        fix(code),
        asked == null ? null : asked.path("message").asText(),
        asked == null ? null : asked.path("role").asText(),
        !run.isFinal() && Runs.mayAnswer(reader, step),
        answer == null ? null : answer.path("approved").asBoolean() ? "approved" : "rejected",
        answer == null ? null : answer.path("by").asText(),
        answer == null ? null : answer.path("note").asText(),
        rests(step) && !run.isFinal() ? RunView.time(step.wakeAt()) : null,
        step.takenOverFrom());
  }

  /** The name of the text that says what to do about a failure; null for none. */
  static String fix(String code) {
    if (code == null) {
      return null;
    }
    return switch (code) {
      case "model_not_found", "no_usable_key" -> "bad_model";
      default -> MENDABLE.contains(code) ? code : "other";
    };
  }

  private static boolean rests(StepState step) {
    return step.status() == StepStatus.WAITING || step.status() == StepStatus.RETRYING;
  }
}

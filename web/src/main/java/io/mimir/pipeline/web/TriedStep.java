package io.mimir.pipeline.web;

import io.mimir.pipeline.service.StepTries;
import io.mimir.pipeline.service.run.StepTry;
import io.mimir.pipeline.service.run.Value;

/**
 * What came of the try of a step, as its form shows it.
 *
 * @param code of the failure; null when it did not fail
 * @param duration for people
 */
public record TriedStep(
    boolean skipped,
    String code,
    String message,
    String fix,
    ShownValue input,
    ShownValue output,
    long tokens,
    String duration) {

  static TriedStep of(StepTries.Tried tried) {
    StepTry.Result result = tried.result();
    String code = tried.failure() == null ? null : tried.failure().code();
    return new TriedStep(
        result != null && result.isSkipped(),
        code,
        tried.failure() == null ? null : tried.failure().getMessage(),
        code == null ? null : RunStep.fix(code),
        result == null || result.input() == null ? null : shown(result.input()),
        result == null || result.output() == null ? null : shown(result.output()),
        result == null ? 0 : result.inputTokens() + result.outputTokens(),
        Spans.between(1, 1 + tried.millis()));
  }

  private static ShownValue shown(com.fasterxml.jackson.databind.JsonNode json) {
    return ShownValue.of(new Value(json, null, 0));
  }
}

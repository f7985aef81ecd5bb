package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A step that did not bring a result. */
public final class StepFailure extends Exception {

  private static final long serialVersionUID = 1L;

  private final String code;
  private final boolean passing;

  private StepFailure(String code, String message, boolean passing) {
    super(message, null, false, false);
    this.code = code;
    this.passing = passing;
  }

  /**
   * A failure that another attempt would meet again.
   *
   * @param code a word in snake_case that programs can rely on
   * @param message what went wrong and what to do, without a secret
   */
  public static StepFailure lasting(String code, String message) {
    return new StepFailure(code, message, false);
  }

  /** A failure that may pass by itself. */
  public static StepFailure passing(String code, String message) {
    return new StepFailure(code, message, true);
  }

  public String code() {
    return code;
  }

  /** A new object of {@code code} and {@code message}. */
  ObjectNode toJson() {
    return RunJson.object().put("code", code).put("message", getMessage());
  }

  /** Tells whether another attempt may go better. */
  public boolean mayPass() {
    return passing;
  }
}

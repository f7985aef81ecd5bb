package io.mimir.pipeline.service.language;

/** A value that cannot be had from what a step sees. */
public final class ValueException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String code;

  /**
   * @param code a word in snake_case that programs can rely on
   * @param message what is wrong and what to do
   */
  public ValueException(String code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  public String code() {
    return code;
  }
}

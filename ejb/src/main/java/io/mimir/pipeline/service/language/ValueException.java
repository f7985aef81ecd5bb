package io.mimir.pipeline.service.language;

/** A value that a step needs and that cannot be made: from a template, a pointer or CEL. */
public final class ValueException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String code;

  /**
   * @param code a word in snake_case that programs can rely on
   * @param message what is wrong and what to do, in one or two sentences
   */
  public ValueException(String code, String message) {
    super(message);
    this.code = code;
  }

  /** A word in snake_case that programs can rely on. */
  public String code() {
    return code;
  }
}

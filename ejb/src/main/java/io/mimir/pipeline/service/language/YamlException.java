package io.mimir.pipeline.service.language;

/** A text that is no YAML that a pipeline can be written in. */
public final class YamlException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;

  /**
   * @param message what is wrong and what to do
   * @param line from 1 on; 0 for the text as a whole
   * @param column from 1 on; 0 for the text as a whole
   */
  YamlException(String message, int line, int column) {
    super(message);
    this.line = line;
    this.column = column;
  }

  /** From 1 on; 0 for the text as a whole. */
  public int line() {
    return line;
  }

  /** From 1 on; 0 for the text as a whole. */
  public int column() {
    return column;
  }
}

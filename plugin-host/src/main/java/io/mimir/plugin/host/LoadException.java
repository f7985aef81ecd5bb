package io.mimir.plugin.host;

/** A plugin that cannot be loaded. */
final class LoadException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * @param code one of io.mimir.plugin.kit.frame.Failure
   */
  LoadException(int code, String message) {
    super(message);
    this.code = code;
  }

  int code() {
    return code;
  }
}

package io.mimir.lifecycle.service;

/**
 * The server cannot start. The message is for the operator: what is wrong and what to do, without
 * any value of a secret. The exit codes are those of contract.md.
 */
public class StartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Why, as the exit code of the {@code mimir} command. */
  public enum Exit {
    FAILED(1),
    DATA_FOLDER_IN_USE(75),
    CONFIGURATION(78);

    private final int code;

    Exit(int code) {
      this.code = code;
    }

    public int code() {
      return code;
    }
  }

  private final Exit exit;

  public StartException(Exit exit, String message) {
    super(message);
    this.exit = exit;
  }

  public StartException(Exit exit, String message, Throwable cause) {
    super(message, cause);
    this.exit = exit;
  }

  public static StartException configuration(String message) {
    return new StartException(Exit.CONFIGURATION, message);
  }

  public Exit exit() {
    return exit;
  }
}

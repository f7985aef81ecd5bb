package io.mimir.backup.service;

/**
 * A backup cannot be made, or a file is none that can be restored. The message is for the operator:
 * what is wrong, and what to do.
 */
public class BackupException extends Exception {

  private static final long serialVersionUID = 1L;

  public BackupException(String message) {
    super(message);
  }

  public BackupException(String message, Throwable cause) {
    super(message, cause);
  }
}

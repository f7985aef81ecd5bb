package io.mimir.storage.service;

import java.sql.SQLException;

/**
 * A file that is there and is not for this Mimir to write to. The message is for the operator:
 * whose it is, and what to do.
 */
public final class DatabaseRefusedException extends SQLException {

  private static final long serialVersionUID = 1L;

  DatabaseRefusedException(String message) {
    super(message);
  }
}

package io.mimir.net.service;

import java.io.IOException;

/** A connection that ended, or was reset, before the answer on it was complete. */
public final class ConnectionLostException extends IOException {

  private static final long serialVersionUID = 1L;

  private final boolean begun;

  ConnectionLostException(boolean begun, Exception cause) {
    super("The connection was closed before the answer was complete", cause);
    this.begun = begun;
  }

  /** Tells whether anything of the answer had come. */
  public boolean hasBegun() {
    return begun;
  }
}

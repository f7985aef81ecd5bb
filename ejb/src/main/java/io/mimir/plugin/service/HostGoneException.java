package io.mimir.plugin.service;

import java.io.IOException;

/** The child process ended, or had to be ended, before it answered. */
final class HostGoneException extends IOException {

  private static final long serialVersionUID = 1L;

  private final boolean late;

  private HostGoneException(String message, boolean late) {
    super(message);
    this.late = late;
  }

  static HostGoneException crashed(String how) {
    return new HostGoneException(how, false);
  }

  static HostGoneException late() {
    return new HostGoneException("It did not answer in time", true);
  }

  /** Whether it was ended because this very call took too long. */
  boolean isLate() {
    return late;
  }
}

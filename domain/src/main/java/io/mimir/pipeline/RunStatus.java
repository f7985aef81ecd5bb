package io.mimir.pipeline;

import java.util.Locale;
import java.util.Optional;

/** Where a run is. */
public enum RunStatus {
  /** It was asked for and has not begun. */
  QUEUED,
  RUNNING,
  /** It rests until a time, or until a person answers. */
  WAITING,
  SUCCEEDED,
  FAILED,
  CANCELLED,
  /** A step may or may not have happened: a person has to say which. */
  IN_DOUBT;

  private static final RunStatus[] ALL = values();

  /** As the API and the database write it. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads what {@link #wire} wrote; empty for any other word. */
  public static Optional<RunStatus> ofWire(String word) {
    for (RunStatus status : ALL) {
      if (status.wire().equals(word)) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }

  /** Tells whether nothing happens in such a run any more. */
  public boolean isFinal() {
    return this == SUCCEEDED || this == FAILED || this == CANCELLED;
  }
}

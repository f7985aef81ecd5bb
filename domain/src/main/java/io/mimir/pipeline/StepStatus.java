package io.mimir.pipeline;

import java.util.Locale;

/** Where a step of a run is. */
public enum StepStatus {
  RUNNING,
  /** An attempt failed, and another one will be made. */
  RETRYING,
  WAITING,
  SUCCEEDED,
  FAILED,
  /** Its condition did not hold. */
  SKIPPED,
  CANCELLED,
  /** It may or may not have happened. */
  IN_DOUBT;

  /** As the API writes it. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}

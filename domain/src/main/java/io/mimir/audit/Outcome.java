package io.mimir.audit;

import java.util.Locale;

/** How an audited action ended. */
public enum Outcome {
  SUCCESS,
  /** It was tried and did not happen: nothing was changed. */
  FAILURE,
  /** It was not allowed to be tried. */
  DENIED;

  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package io.mimir.audit;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

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

  /** Returns the outcome of a word; empty for an unknown one. */
  public static Optional<Outcome> ofWire(String word) {
    return Arrays.stream(values()).filter(each -> each.wire().equals(word)).findFirst();
  }
}

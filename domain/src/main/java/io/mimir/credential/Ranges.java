package io.mimir.credential;

import io.mimir.error.FieldError;
import java.util.Optional;

/** Whole numbers that begin at 1. */
final class Ranges {

  private Ranges() {}

  /** What is wrong with a number; empty where it is between 1 and the highest. */
  static Optional<FieldError> check(int value, int highest, String field) {
    return value >= 1 && value <= highest
        ? Optional.empty()
        : Optional.of(
            new FieldError(field, "out_of_range", "Use a whole number from 1 to " + highest));
  }
}

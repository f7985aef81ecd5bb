package io.mimir.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/** Reads the parameters of an address. */
public final class Parameters {

  private Parameters() {}

  /** The text, or null where there is none or nothing but space. */
  public static String orNull(String text) {
    return text == null || text.isBlank() ? null : text;
  }

  /**
   * A time, or null where none is given.
   *
   * @param name of the parameter
   * @throws ProblemException INVALID, naming it and never its value
   */
  public static Instant time(String text, String name) {
    try {
      return orNull(text) == null ? null : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw ProblemException.of(
          Problem.INVALID, name, "wrong_type", "Use a time such as 2026-01-31T08:00:00Z");
    }
  }

  /**
   * Whether something is wished; left out means no.
   *
   * @throws ProblemException INVALID, naming it and never its value
   */
  public static boolean isTrue(String name, String text) {
    if (orNull(text) == null || text.equals("false")) {
      return false;
    }
    if (text.equals("true")) {
      return true;
    }
    throw ProblemException.of(Problem.INVALID, name, "invalid", "Use true or false");
  }
}

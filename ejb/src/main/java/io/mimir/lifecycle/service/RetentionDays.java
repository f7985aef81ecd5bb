package io.mimir.lifecycle.service;

import java.time.Duration;
import java.util.Optional;

/** Settings that say for how many days something is kept. */
public final class RetentionDays {

  /** A century: more is a slip of the keyboard. */
  private static final int MOST = 36_500;

  private RetentionDays() {}

  /**
   * Reads a setting.
   *
   * @param text a whole number from 1 to 36,500; null or blank for ever
   * @param variable the environment variable that it comes from
   * @param what is kept, in the plural
   * @return how long; empty for ever
   * @throws StartException when it is no such number
   */
  public static Optional<Duration> read(String text, String variable, String what) {
    String days = text == null ? "" : text.strip();
    if (days.isEmpty()) {
      return Optional.empty();
    }
    if (!days.matches("[1-9][0-9]{0,4}") || Integer.parseInt(days) > MOST) {
      throw StartException.configuration(
          "%s must be a whole number of days from 1 to %d; leave it out to keep %s"
              .formatted(variable, MOST, what));
    }
    return Optional.of(Duration.ofDays(Integer.parseInt(days)));
  }
}

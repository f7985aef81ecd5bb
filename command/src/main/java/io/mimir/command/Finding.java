package io.mimir.command;

/**
 * What was found at one place.
 *
 * @param name of the place, a word in snake_case
 * @param message for the operator: how it is, or what is wrong and what to do
 */
record Finding(String name, Level level, String message) {

  /** How bad it is. */
  enum Level {
    OK,
    /** Mimir works, and something should be looked at. */
    WARN,
    /** Mimir does not start, or does not work. */
    FAIL
  }

  static Finding ok(String name, String message) {
    return new Finding(name, Level.OK, message);
  }

  static Finding warn(String name, String message) {
    return new Finding(name, Level.WARN, message);
  }

  static Finding fail(String name, String message) {
    return new Finding(name, Level.FAIL, message);
  }
}

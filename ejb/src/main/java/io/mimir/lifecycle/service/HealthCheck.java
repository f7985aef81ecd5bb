package io.mimir.lifecycle.service;

import java.time.Instant;

/**
 * Something that the server needs. Every CDI bean that implements this is asked; it answers from
 * memory, or with a look that takes no time to speak of.
 */
public interface HealthCheck {

  /** Tells how it is now. */
  Finding finding();

  /** How bad it is. The order is that of badness. */
  enum Level {
    OK,
    /** Calls of the gateway are served, and something else is not. */
    DEGRADED,
    /** Calls of the gateway should go elsewhere. */
    DOWN
  }

  /**
   * What was found.
   *
   * @param name a word in snake_case
   * @param reason for people: what is wrong and what to do; null when nothing is
   * @param since when it became so; null when it has always been well
   */
  record Finding(String name, Level level, String reason, Instant since) {

    /** Returns the finding that there is nothing to say. */
    public static Finding ok(String name, Instant since) {
      return new Finding(name, Level.OK, null, since);
    }
  }
}

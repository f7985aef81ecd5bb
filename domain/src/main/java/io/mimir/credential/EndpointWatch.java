package io.mimir.credential;

import java.time.Duration;

/**
 * How the server behind a key has fared lately. One question that makes it fail, however often it
 * is asked, says nothing of others: only when several different ones failed, and a good share of
 * all, is the server avoided for a while. Not thread-safe: {@link KeyHealth} guards it.
 */
final class EndpointWatch {

  private static final int ENOUGH_DIFFERENT = 3;
  private static final int ENOUGH_SILENT = 3;
  private static final long WINDOW = Duration.ofSeconds(30).toNanos();
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final int[] questions = new int[ENOUGH_DIFFERENT];
  private int different;
  private int failed;
  private int answered;
  private long begunAt;
  private int pauses;
  private long avoidedUntil;
  private int silent;
  private boolean waiting;

  /**
   * @param question a fingerprint of what was asked
   */
  void failed(int question, long nanos) {
    if (failed == 0 || nanos - begunAt > WINDOW) {
      begin(nanos);
    }
    failed++;
    boolean known = false;
    for (int i = 0; i < different; i++) {
      known |= questions[i] == question;
    }
    if (!known && different < ENOUGH_DIFFERENT) {
      questions[different++] = question;
    }
    if (different == ENOUGH_DIFFERENT && failed >= answered) {
      Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(pauses++, 6));
      avoidedUntil = nanos + (pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause).toNanos();
      begin(nanos);
    }
  }

  private void begin(long nanos) {
    begunAt = nanos;
    failed = 0;
    answered = 0;
    different = 0;
  }

  /** A question was sent, and nothing came within its time. */
  void silent() {
    silent++;
  }

  /** Most calls that are under way have waited for a minute. */
  void waiting(boolean most) {
    waiting = most;
  }

  void answered(long nanos) {
    answered++;
    silent = 0;
    waiting = false;
    if (avoidedUntil == 0 || avoidedUntil - nanos <= 0) {
      avoidedUntil = 0;
      if (failed == 0 || nanos - begunAt > WINDOW) {
        pauses = 0;
        failed = 0;
      }
    }
  }

  void forget() {
    begin(0);
    pauses = 0;
    avoidedUntil = 0;
    silent = 0;
    waiting = false;
  }

  /** Whether another server is asked first. */
  boolean isAvoided(long nanos) {
    return waiting || silent >= ENOUGH_SILENT || avoidedUntil != 0 && avoidedUntil - nanos > 0;
  }

  /** Whether there is nothing to remember. */
  boolean isQuiet() {
    return failed == 0 && silent == 0 && !waiting && avoidedUntil == 0 && pauses == 0;
  }
}

package io.mimir.credential.service;

import java.time.Duration;
import java.util.List;

/**
 * The list of models that was read from the endpoint of a key, and when it is worth another look.
 */
final class ReadModelList {

  private static final long FRESH = Duration.ofHours(1).toNanos();

  /** An endpoint that tells nothing is not asked more often. */
  private static final long PATIENCE = Duration.ofMinutes(10).toNanos();

  /** A model that is missing makes a list doubtful, but not many times a minute. */
  private static final long DOUBT = Duration.ofMinutes(1).toNanos();

  private volatile List<String> models;
  private volatile boolean doubted;
  private final long since = System.nanoTime();
  private long askedAt;
  private boolean asked;

  /** The ids; null where none were read since the start. */
  List<String> models() {
    return models;
  }

  /** A provider said that it does not know a model of the list. */
  void doubt() {
    doubted = true;
  }

  /**
   * @param known whether a list is known from elsewhere, such as a test
   */
  synchronized boolean isDue(boolean known, long nanos) {
    if (!asked) {
      return !known || doubted || nanos - since > FRESH;
    }
    long age = nanos - askedAt;
    return age > FRESH || doubted && age > DOUBT || models == null && !known && age > PATIENCE;
  }

  synchronized void begin(long nanos) {
    asked = true;
    askedAt = nanos;
    doubted = false;
  }

  /**
   * @return whether it says something else than before
   */
  boolean learn(List<String> read) {
    boolean news = !read.equals(models);
    models = read;
    return news;
  }

  /** The key has changed: what was read may be of another endpoint. */
  synchronized void forget() {
    models = null;
    asked = false;
    doubted = false;
  }
}

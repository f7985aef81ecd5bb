package io.mimir.credential.service;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How the calls that were made with candidates ended, for every key with a rotation. In memory
 * only: after a restart a candidate proves itself anew. {@link Rotations} forgets the counts when a
 * rotation begins or ends.
 */
@ApplicationScoped
public class RotationTrials {

  private final Map<String, Tally> tallies = new ConcurrentHashMap<>();

  private record Tally(int ok, int failed) {
    static final Tally NONE = new Tally(0, 0);

    Tally plus(Tally other) {
      return new Tally(ok + other.ok, failed + other.failed);
    }
  }

  /** A call with the candidate of this key was answered. */
  public void succeeded(String keyId) {
    tallies.merge(keyId, new Tally(1, 0), Tally::plus);
  }

  /** A call with the candidate of this key failed. */
  public void failed(String keyId) {
    tallies.merge(keyId, new Tally(0, 1), Tally::plus);
  }

  /** How many calls were answered. */
  public int ok(String keyId) {
    return tallies.getOrDefault(keyId, Tally.NONE).ok();
  }

  /** How many calls failed. */
  public int failures(String keyId) {
    return tallies.getOrDefault(keyId, Tally.NONE).failed();
  }

  public void forget(String keyId) {
    tallies.remove(keyId);
  }
}

package io.mimir.credential;

import static java.util.Objects.requireNonNull;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.Probe;
import java.time.Instant;
import java.util.List;

/**
 * The verdict of the last test of a key, as it is stored and shown.
 *
 * @param reason a word of {@link CallOutcome}
 */
public record LastTest(
    boolean success,
    String reason,
    String message,
    long latencyMs,
    List<String> models,
    Instant testedAt) {

  public LastTest {
    requireNonNull(reason);
    models = models == null ? List.of() : List.copyOf(models);
  }

  /** Whether it says that calls with this key will fail; a busy provider knows the key. */
  public boolean condemnsTheKey() {
    return !success && !reason.equals(CallOutcome.RATE_LIMITED.wire());
  }

  public static LastTest of(Probe probe, Instant at) {
    return new LastTest(
        probe.isSuccess(),
        probe.reason().wire(),
        probe.message(),
        probe.latencyMs(),
        probe.models(),
        at);
  }
}

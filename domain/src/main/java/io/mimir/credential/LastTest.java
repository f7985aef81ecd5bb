package io.mimir.credential;

import static java.util.Objects.requireNonNull;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Probe;
import io.mimir.llm.ProviderOperation;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The verdict of the last test of a key, as it is stored and shown.
 *
 * @param reason a word of {@link CallOutcome}
 * @param findings what was found out about the endpoint; null for nothing
 */
public record LastTest(
    boolean success,
    String reason,
    String message,
    long latencyMs,
    List<String> models,
    Instant testedAt,
    Findings findings) {

  public LastTest {
    requireNonNull(reason);
    models = models == null ? List.of() : List.copyOf(models);
  }

  /** A verdict without findings. */
  public LastTest(
      boolean success,
      String reason,
      String message,
      long latencyMs,
      List<String> models,
      Instant testedAt) {
    this(success, reason, message, latencyMs, models, testedAt, null);
  }

  /**
   * What a test found out about an endpoint, for as long as it is the key's.
   *
   * @param endpointUrl the address that was tested
   * @param protocols the operations of conversations that it has; null where nobody looked
   * @param basePath where the API of a bare host is; null where that is the usual path
   */
  public record Findings(String endpointUrl, List<String> protocols, String basePath) {

    public Findings {
      requireNonNull(endpointUrl);
      protocols = protocols == null ? null : List.copyOf(protocols);
    }

    /** Returns the operations that were found; null where nobody looked. */
    public Set<ProviderOperation> operations() {
      return protocols == null
          ? null
          : ProviderOperation.all().stream()
              .filter(operation -> protocols.contains(operation.wire()))
              .collect(Collectors.toUnmodifiableSet());
    }

    private static Findings of(Probe probe, Endpoint endpoint) {
      if (probe.protocols() == null && probe.foundPath() == null) {
        return null;
      }
      return new Findings(
          endpoint.url().toString(),
          probe.protocols() == null
              ? null
              : probe.protocols().stream().map(ProviderOperation::wire).sorted().toList(),
          probe.foundPath());
    }
  }

  /**
   * Returns the models that were read from the endpoint, also where nothing tells whether the key
   * works; empty where no list was read.
   *
   * @param emptyIsAList whether an endpoint without a list would have failed the test
   */
  public Optional<List<String>> listed(boolean emptyIsAList) {
    boolean wasRead = (success && emptyIsAList) || !models.isEmpty();
    return (success || !isConclusive()) && wasRead ? Optional.of(models) : Optional.empty();
  }

  /** Whether it says that calls with this key will fail; a busy provider knows the key. */
  public boolean condemnsTheKey() {
    return !success && isConclusive() && !reason.equals(CallOutcome.RATE_LIMITED.wire());
  }

  /** Tells whether the test found out anything about the key. */
  public boolean isConclusive() {
    return !reason.equals(CallOutcome.CANNOT_TELL.wire());
  }

  /** Returns a verdict as it is stored. */
  public static LastTest of(Probe probe, Endpoint endpoint, Instant at) {
    return new LastTest(
        probe.isSuccess(),
        probe.reason().wire(),
        probe.message(),
        probe.latencyMs(),
        probe.models(),
        at,
        Findings.of(probe, endpoint));
  }
}

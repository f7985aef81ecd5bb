package io.mimir.llm;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Set;

/**
 * The verdict of a test call.
 *
 * @param message a sentence that says what to do next; never the other side's words
 * @param latencyMs rounded to 10 ms, so that a test measures no network (T16)
 * @param models ids that the endpoint offers, sorted, each once; empty where none are known
 * @param protocols the operations of conversations that were found; null where nobody looked
 * @param foundPath where the API of a bare host was found; null where that is the usual path
 */
public record Probe(
    CallOutcome reason,
    String message,
    long latencyMs,
    List<String> models,
    Set<ProviderOperation> protocols,
    String foundPath) {

  public Probe {
    requireNonNull(reason);
    requireNonNull(message);
    models = List.copyOf(models);
    protocols = protocols == null ? null : Set.copyOf(protocols);
  }

  /** A verdict without findings. */
  public Probe(CallOutcome reason, String message, long latencyMs) {
    this(reason, message, latencyMs, List.of(), null, null);
  }

  public boolean isSuccess() {
    return reason == CallOutcome.OK;
  }
}

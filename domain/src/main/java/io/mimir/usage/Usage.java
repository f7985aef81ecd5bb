package io.mimir.usage;

import static java.util.Objects.requireNonNull;

/**
 * How much was used in a cell.
 *
 * @param errors how many of the requests failed
 * @param latencyMs of all requests together
 */
public record Usage(
    UsageCell cell,
    long requests,
    long errors,
    long inputTokens,
    long outputTokens,
    long latencyMs) {

  public Usage {
    requireNonNull(cell);
  }

  public static Usage none(UsageCell cell) {
    return new Usage(cell, 0, 0, 0, 0, 0);
  }

  /** Both together, in this one's cell. */
  public Usage plus(Usage other) {
    return new Usage(
        cell,
        requests + other.requests,
        errors + other.errors,
        inputTokens + other.inputTokens,
        outputTokens + other.outputTokens,
        latencyMs + other.latencyMs);
  }

  /** What was added since an earlier sight of the same cell. */
  public Usage minus(Usage earlier) {
    return new Usage(
        cell,
        requests - earlier.requests,
        errors - earlier.errors,
        inputTokens - earlier.inputTokens,
        outputTokens - earlier.outputTokens,
        latencyMs - earlier.latencyMs);
  }

  public Usage in(UsageCell other) {
    return new Usage(other, requests, errors, inputTokens, outputTokens, latencyMs);
  }

  public boolean isNone() {
    return requests == 0 && errors == 0 && inputTokens == 0 && outputTokens == 0 && latencyMs == 0;
  }

  /** How long a request took in the mean; 0 when there was none. */
  public long meanLatencyMs() {
    return requests == 0 ? 0 : Math.round((double) latencyMs / requests);
  }
}

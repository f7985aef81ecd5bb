package io.mimir.usage;

import static java.util.Objects.requireNonNull;

/**
 * The sums of a cell.
 *
 * @param errors how many of the requests failed
 * @param estimated of how many requests the tokens are estimated, at least in part
 * @param leftOut hint fields that were left out of all requests together
 * @param latencyMs of all requests together, in milliseconds
 * @param latency how long the requests took; hours that were counted before there were histograms
 *     have none
 */
public record Usage(
    UsageCell cell,
    long requests,
    long errors,
    long inputTokens,
    long outputTokens,
    long estimated,
    long leftOut,
    long latencyMs,
    LatencyHistogram latency) {

  public Usage {
    requireNonNull(cell);
    requireNonNull(latency);
  }

  /** Returns the sums of nothing. */
  public static Usage none(UsageCell cell) {
    return new Usage(cell, 0, 0, 0, 0, 0, 0, 0, LatencyHistogram.NONE);
  }

  /** Returns both together, in this one's cell. */
  public Usage plus(Usage other) {
    return new Usage(
        cell,
        requests + other.requests,
        errors + other.errors,
        inputTokens + other.inputTokens,
        outputTokens + other.outputTokens,
        estimated + other.estimated,
        leftOut + other.leftOut,
        latencyMs + other.latencyMs,
        latency.plus(other.latency));
  }

  /** Returns what was added since an earlier sight of the same cell. */
  public Usage minus(Usage earlier) {
    return new Usage(
        cell,
        requests - earlier.requests,
        errors - earlier.errors,
        inputTokens - earlier.inputTokens,
        outputTokens - earlier.outputTokens,
        estimated - earlier.estimated,
        leftOut - earlier.leftOut,
        latencyMs - earlier.latencyMs,
        latency.minus(earlier.latency));
  }

  /** Returns the same sums in another cell. */
  public Usage in(UsageCell other) {
    return new Usage(
        other, requests, errors, inputTokens, outputTokens, estimated, leftOut, latencyMs, latency);
  }

  /** Returns whether every sum is zero. */
  public boolean isNone() {
    return equals(none(cell));
  }

  /** Returns how long a request took in the mean, in milliseconds; 0 when there was none. */
  public long meanLatencyMs() {
    return requests == 0 ? 0 : Math.round((double) latencyMs / requests);
  }
}

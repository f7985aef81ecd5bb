package io.mimir.usage.web;

import io.mimir.usage.Usage;

/**
 * Usage as the page shows it.
 *
 * @param label a name or a time
 * @param id what the name stands for, or null
 * @param latencyMs of a request in the mean
 */
public record UsageRow(
    String label,
    String id,
    long requests,
    long errors,
    long inputTokens,
    long outputTokens,
    long latencyMs) {

  static UsageRow of(String label, String id, Usage usage) {
    return new UsageRow(
        label,
        id,
        usage.requests(),
        usage.errors(),
        usage.inputTokens(),
        usage.outputTokens(),
        usage.meanLatencyMs());
  }
}

package io.mimir.usage.web;

import io.mimir.usage.Usage;
import java.time.Instant;

/**
 * What a client sees of usage. Members that are not grouped by are null.
 *
 * @param latencyMs of a request in the mean
 */
public record UsageView(
    Instant hour,
    String keyId,
    String tokenId,
    String model,
    long requests,
    long errors,
    long inputTokens,
    long outputTokens,
    long latencyMs) {

  static UsageView of(Usage usage) {
    return new UsageView(
        usage.cell().hour(),
        usage.cell().keyId(),
        usage.cell().tokenId(),
        usage.cell().model(),
        usage.requests(),
        usage.errors(),
        usage.inputTokens(),
        usage.outputTokens(),
        usage.meanLatencyMs());
  }
}

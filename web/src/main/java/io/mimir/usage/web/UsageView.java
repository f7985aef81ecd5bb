package io.mimir.usage.web;

import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import java.time.Instant;
import java.util.List;

/**
 * Usage as a client sees it. Members that are not grouped by are null.
 *
 * @param estimated of how many requests the tokens are estimated
 * @param latencyMs of a request in the mean
 * @param latencyBuckets requests by latency, in the buckets of {@link
 *     io.mimir.usage.LatencyHistogram}
 */
public record UsageView(
    Instant hour,
    String keyId,
    String tokenId,
    String model,
    String pipelineId,
    String client,
    String accountId,
    long requests,
    long errors,
    long inputTokens,
    long outputTokens,
    long estimated,
    long leftOut,
    long latencyMs,
    List<Long> latencyBuckets) {

  static UsageView of(Usage usage) {
    UsageCell cell = usage.cell();
    return new UsageView(
        cell.hour(),
        cell.keyId(),
        cell.tokenId(),
        cell.model(),
        cell.pipelineId(),
        cell.client(),
        cell.accountId(),
        usage.requests(),
        usage.errors(),
        usage.inputTokens(),
        usage.outputTokens(),
        usage.estimated(),
        usage.leftOut(),
        usage.meanLatencyMs(),
        usage.latency().counts());
  }
}

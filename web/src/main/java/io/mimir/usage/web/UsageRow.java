package io.mimir.usage.web;

import io.mimir.usage.Usage;
import java.util.OptionalLong;

/**
 * Usage as the page shows it.
 *
 * @param label a name or a time
 * @param id what the name stands for, or null
 * @param second the name of the second group, or null when there is none
 * @param secondId what that name stands for, or null
 * @param medianMs what half of the requests took at most, in milliseconds; null when not known
 * @param p95Ms what 95 of 100 requests took at most, like the median
 */
public record UsageRow(
    String label,
    String id,
    String second,
    String secondId,
    long requests,
    long errors,
    long inputTokens,
    long outputTokens,
    long estimated,
    long leftOut,
    Long medianMs,
    Long p95Ms) {

  private static final double MEDIAN = 0.5;
  private static final double P95 = 0.95;

  static UsageRow of(String label, String id, Usage usage) {
    return of(label, id, null, null, usage);
  }

  static UsageRow of(String label, String id, String second, String secondId, Usage usage) {
    return new UsageRow(
        label,
        id,
        second,
        secondId,
        usage.requests(),
        usage.errors(),
        usage.inputTokens(),
        usage.outputTokens(),
        usage.estimated(),
        usage.leftOut(),
        boxed(usage.latency().percentileMs(MEDIAN)),
        boxed(usage.latency().percentileMs(P95)));
  }

  private static Long boxed(OptionalLong number) {
    return number.isPresent() ? number.getAsLong() : null;
  }

  /** Returns both names, as charts show them. */
  String wholeLabel() {
    return second == null ? label : label + " · " + second;
  }
}

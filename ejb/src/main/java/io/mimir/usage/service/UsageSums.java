package io.mimir.usage.service;

import io.mimir.usage.CallUsage;
import io.mimir.usage.LatencyHistogram;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** The sums of one cell: they only grow, and what of them is written is remembered beside them. */
final class UsageSums {

  private final LongAdder requests = new LongAdder();
  private final LongAdder errors = new LongAdder();
  private final LongAdder input = new LongAdder();
  private final LongAdder output = new LongAdder();
  private final LongAdder estimated = new LongAdder();
  private final LongAdder leftOut = new LongAdder();
  private final LongAdder latency = new LongAdder();
  private final AtomicLongArray buckets = new AtomicLongArray(LatencyHistogram.BUCKETS);

  private volatile Usage written;

  void add(CallUsage call) {
    requests.increment();
    if (call.error()) {
      errors.increment();
    }
    input.add(call.inputTokens());
    output.add(call.outputTokens());
    if (call.estimated()) {
      estimated.increment();
    }
    leftOut.add(call.leftOut());
    latency.add(call.latencyMs());
    buckets.incrementAndGet(LatencyHistogram.bucketOf(call.latencyMs()));
  }

  /** The sums as they are now. */
  Usage seen(UsageCell cell) {
    // Errors first: there are never more of them than of requests. So it is with estimates.
    long failed = errors.sum();
    long guessed = estimated.sum();
    long[] calls = new long[LatencyHistogram.BUCKETS];
    for (int i = 0; i < calls.length; i++) {
      calls[i] = buckets.get(i);
    }
    return new Usage(
        cell,
        requests.sum(),
        failed,
        input.sum(),
        output.sum(),
        guessed,
        leftOut.sum(),
        latency.sum(),
        LatencyHistogram.of(calls));
  }

  /** What of it is not written yet. */
  Usage since(Usage seen) {
    Usage before = written;
    return before == null ? seen : seen.minus(before);
  }

  /** The sums that were seen then are written. */
  void settle(Usage seen) {
    written = seen;
  }
}

package io.mimir.metrics.service;

import io.mimir.metrics.service.MetricsSource.Sink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** How long things took, in buckets with fixed bounds. Counting takes no lock and makes nothing. */
public final class Histogram {

  /**
   * The inclusive upper bounds of the buckets but the last, in seconds: five of a decade at most.
   */
  static final List<Double> BOUNDS_SECONDS =
      List.of(
          0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0);

  private static final long[] BOUNDS_NANOS =
      BOUNDS_SECONDS.stream().mapToLong(s -> Math.round(s * TimeUnit.SECONDS.toNanos(1))).toArray();

  private final LongAdder[] counts = new LongAdder[BOUNDS_NANOS.length + 1];
  private final LongAdder sumNanos = new LongAdder();

  public Histogram() {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  /** Counts one that took so long. */
  public void record(long nanos) {
    int bucket = 0;
    while (bucket < BOUNDS_NANOS.length && nanos > BOUNDS_NANOS[bucket]) {
      bucket++;
    }
    counts[bucket].increment();
    sumNanos.add(nanos);
  }

  /**
   * Tells what was counted so far.
   *
   * @param labels names and values by turns
   */
  public void report(Sink sink, String name, String help, String... labels) {
    List<Long> seen = new ArrayList<>(counts.length);
    for (LongAdder count : counts) {
      seen.add(count.sum());
    }
    double seconds = sumNanos.sum() / (double) TimeUnit.SECONDS.toNanos(1);
    sink.histogram(name, help, BOUNDS_SECONDS, seen, seconds, labels);
  }
}

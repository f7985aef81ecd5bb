package io.mimir.usage;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * How many calls took how long, in buckets with fixed upper bounds. Histograms add up, and give
 * percentiles of any sum, which means do not.
 */
public final class LatencyHistogram {

  /** The upper bound of each bucket but the last, in milliseconds and inclusive. */
  public static final List<Long> BOUNDS_MS =
      List.of(
          10L, 25L, 50L, 100L, 250L, 500L, 1_000L, 2_500L, 5_000L, 10_000L, 20_000L, 30_000L,
          60_000L, 120_000L, 300_000L);

  /** The last bucket is for all that takes longer. */
  public static final int BUCKETS = BOUNDS_MS.size() + 1;

  /** A histogram of no calls. */
  public static final LatencyHistogram NONE = new LatencyHistogram(new long[BUCKETS]);

  private static final long[] BOUNDS = BOUNDS_MS.stream().mapToLong(Long::longValue).toArray();

  private final long[] counts;

  private LatencyHistogram(long[] counts) {
    this.counts = counts;
  }

  /**
   * Returns the histogram of these counts.
   *
   * @param counts one for each bucket, not summed up
   * @throws IllegalArgumentException when they are not as many as there are buckets
   */
  public static LatencyHistogram of(long... counts) {
    if (counts.length != BUCKETS) {
      throw new IllegalArgumentException("A histogram has " + BUCKETS + " buckets");
    }
    return new LatencyHistogram(counts.clone());
  }

  /** Returns the number of the bucket for a call that took so long. */
  public static int bucketOf(long latencyMs) {
    int bucket = 0;
    while (bucket < BOUNDS.length && latencyMs > BOUNDS[bucket]) {
      bucket++;
    }
    return bucket;
  }

  /** Returns how many calls there are in a bucket. */
  public long count(int bucket) {
    return counts[bucket];
  }

  /** Returns the counts of all buckets, not summed up. */
  public List<Long> counts() {
    return Arrays.stream(counts).boxed().toList();
  }

  /** Returns how many calls there are in all. */
  public long total() {
    return Arrays.stream(counts).sum();
  }

  /** Returns both together. */
  public LatencyHistogram plus(LatencyHistogram other) {
    return combined(other, 1);
  }

  /** Returns what was added since an earlier sight. */
  public LatencyHistogram minus(LatencyHistogram earlier) {
    return combined(earlier, -1);
  }

  private LatencyHistogram combined(LatencyHistogram other, int sign) {
    long[] sums = counts.clone();
    for (int i = 0; i < sums.length; i++) {
      sums[i] += sign * other.counts[i];
    }
    return new LatencyHistogram(sums);
  }

  /**
   * Estimates how long the given share of the calls took at most, in milliseconds: as if the calls
   * of a bucket were spread over it evenly. Beyond the last bound it is that bound.
   *
   * @param share above 0 and at most 1, such as 0.95
   * @return empty when there are no calls
   */
  public OptionalLong percentileMs(double share) {
    long total = total();
    if (total <= 0) {
      return OptionalLong.empty();
    }
    double rank = share * total;
    double before = 0;
    for (int i = 0; i < BOUNDS.length; i++) {
      if (counts[i] > 0 && before + counts[i] >= rank) {
        long low = i == 0 ? 0 : BOUNDS[i - 1];
        return OptionalLong.of(Math.round(low + (BOUNDS[i] - low) * (rank - before) / counts[i]));
      }
      before += counts[i];
    }
    return OptionalLong.of(BOUNDS[BOUNDS.length - 1]);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof LatencyHistogram other && Arrays.equals(counts, other.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return Arrays.toString(counts);
  }
}

package io.mimir.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatencyHistogramTest {

  private static LatencyHistogram of(long... latencies) {
    long[] counts = new long[LatencyHistogram.BUCKETS];
    for (long latency : latencies) {
      counts[LatencyHistogram.bucketOf(latency)]++;
    }
    return LatencyHistogram.of(counts);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "10, 0",
    "11, 1",
    "25, 1",
    "26, 2",
    "1000, 6",
    "1001, 7",
    "300000, 14",
    "300001, 15",
    "9223372036854775807, 15"
  })
  void aBoundBelongsToItsBucket(long latency, int bucket) {
    assertThat(LatencyHistogram.bucketOf(latency)).isEqualTo(bucket);
  }

  @Test
  void boundsGrow() {
    assertThat(LatencyHistogram.BOUNDS_MS).isSorted().doesNotHaveDuplicates();
    assertThat(LatencyHistogram.NONE.counts()).hasSize(LatencyHistogram.BOUNDS_MS.size() + 1);
  }

  @Test
  void histogramsAddUpAndAreTakenFromEachOther() {
    LatencyHistogram both = of(5, 700).plus(of(700, 900_000));

    assertThat(both).isEqualTo(of(5, 700, 700, 900_000)).isNotEqualTo(of(5, 700, 900_000));
    assertThat(both.minus(of(700, 900_000))).isEqualTo(of(5, 700));
    assertThat(both.total()).isEqualTo(4);
  }

  @Test
  void percentilesLieWithinTheBucketOfTheirRank() {
    long[] counts = new long[LatencyHistogram.BUCKETS];
    counts[LatencyHistogram.bucketOf(2_000)] = 90;
    counts[LatencyHistogram.bucketOf(8_000)] = 10;
    LatencyHistogram histogram = LatencyHistogram.of(counts);

    assertThat(histogram.percentileMs(0.5)).hasValue(1_833);
    assertThat(histogram.percentileMs(0.9)).hasValue(2_500);
    assertThat(histogram.percentileMs(0.95)).hasValue(7_500);
    assertThat(histogram.percentileMs(1)).hasValue(10_000);
  }

  @Test
  void beyondTheLastBoundItIsAllThatIsKnown() {
    assertThat(of(400_000, 900_000).percentileMs(0.5)).hasValue(300_000);
  }

  @Test
  void noCallsHaveNoPercentile() {
    assertThat(LatencyHistogram.NONE.percentileMs(0.5)).isEmpty();
  }

  @Test
  void bucketsAreNeitherMoreNorLess() {
    assertThatThrownBy(() -> LatencyHistogram.of(1, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

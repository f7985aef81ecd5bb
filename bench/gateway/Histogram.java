/** Times in microseconds, kept with an error below 0.4 %. */
final class Histogram {

  private static final int FINE = 256;

  private final long[] times = new long[FINE * 40];
  private long count;
  private long longest;

  void add(long nanos) {
    long micros = Math.max(0, nanos / 1000);
    count++;
    longest = Math.max(longest, micros);
    times[index(micros)]++;
  }

  long count() {
    return count;
  }

  long longest() {
    return longest;
  }

  /**
   * @param share from 0 to 1
   * @return 0 where there is no time
   */
  long percentile(double share) {
    long rank = (long) Math.ceil(share * count);
    long seen = 0;
    for (int i = 0; i < times.length; i++) {
      seen += times[i];
      if (seen >= rank && seen > 0) {
        int shift = i < FINE ? 0 : i / (FINE / 2) - 1;
        return Math.min(
            longest,
            shift == 0 ? i : ((long) (i - shift * (FINE / 2)) << shift) + (1L << shift) / 2);
      }
    }
    return 0;
  }

  private static int index(long micros) {
    if (micros < FINE) {
      return (int) micros;
    }
    int shift = 64 - Long.numberOfLeadingZeros(micros) - 8;
    return shift * (FINE / 2) + (int) (micros >> shift);
  }
}

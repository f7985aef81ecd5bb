import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** How long calls took, by kind and part of a run, and what went wrong. */
final class SoakTimes {

  private final int parts;
  private final long partNanos;
  private final Map<String, Histogram[]> times = new LinkedHashMap<>();
  private final Map<String, Integer> errors = new TreeMap<>();
  private long begin;

  SoakTimes(int parts, long partNanos) {
    this.parts = parts;
    this.partNanos = partNanos;
  }

  void begin(long nanoTime) {
    begin = nanoTime;
  }

  /** A call of a kind that was due at a time has taken until now. */
  synchronized void add(String kind, long due, long nanos) {
    Histogram[] ofKind =
        times.computeIfAbsent(
            kind,
            name -> {
              Histogram[] fresh = new Histogram[parts];
              for (int i = 0; i < parts; i++) {
                fresh[i] = new Histogram();
              }
              return fresh;
            });
    ofKind[(int) Math.min(parts - 1, (due - begin) / partNanos)].add(nanos);
  }

  synchronized void error(String what) {
    errors.merge(what, 1, Integer::sum);
  }

  synchronized Map<String, Integer> errors() {
    return new TreeMap<>(errors);
  }

  synchronized void print() {
    for (int part = 0; part < parts; part++) {
      System.out.printf("  seconds %,d to %,d%n", part * partNanos / 1_000_000_000, (part + 1) * partNanos / 1_000_000_000);
      System.out.printf("    %-22s %9s %9s %9s %9s %9s%n", "ms", "answered", "p50", "p99", "p99.9", "longest");
      for (Map.Entry<String, Histogram[]> entry : times.entrySet()) {
        Histogram histogram = entry.getValue()[part];
        System.out.printf(
            "    %-22s %,9d %9.2f %9.2f %9.2f %9.2f%n",
            entry.getKey(),
            histogram.count(),
            histogram.percentile(0.5) / 1e3,
            histogram.percentile(0.99) / 1e3,
            histogram.percentile(0.999) / 1e3,
            histogram.longest() / 1e3);
      }
    }
  }
}

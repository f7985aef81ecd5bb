import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What came of a phase of the load. */
final class Tally {

  private final LoadOptions options;
  private final Histogram times = new Histogram();
  private final Histogram gaps = new Histogram();
  private final Map<String, Long> failures = new TreeMap<>();
  final ProcessorTimes processor;
  long connects;
  long pieces;
  long nanos;
  private long stalls;

  Tally(LoadOptions options) {
    this.options = options;
    processor = new ProcessorTimes(options);
  }

  void good(long time) {
    times.add(time);
  }

  void fail(String kind) {
    failures.merge(kind, 1L, Long::sum);
  }

  /** Takes the time between two pieces of a stream, in nanoseconds. */
  void gap(long time) {
    gaps.add(time);
    if (time > options.stall) {
      stalls++;
    }
  }

  private long failed() {
    return failures.values().stream().mapToLong(Long::longValue).sum();
  }

  private String kinds() {
    StringBuilder text = new StringBuilder("{");
    failures.forEach(
        (kind, n) ->
            text.append(text.length() > 1 ? "," : "")
                .append('"')
                .append(kind)
                .append("\":")
                .append(n));
    return text.append('}').toString();
  }

  String json(Tally warmed) {
    return String.format(
        Locale.ROOT,
        "{\"name\":\"%s\",\"mode\":\"%s\",\"connections\":%d,\"rate\":%.0f,\"seconds\":%.2f,\"answers\":%d,\"per_second\":%.1f,"
            + "\"failed\":%d,\"failures\":%s,\"warm_answers\":%d,\"warm_failed\":%d,\"warm_failures\":%s,\"connects\":%d,\"pieces\":%d,"
            + "\"p50_us\":%d,\"p90_us\":%d,\"p99_us\":%d,\"p999_us\":%d,\"max_us\":%d,\"watched_ms\":%d,\"server_ms\":%d,\"beside_ms\":%d,\"cores_ms\":%d,"
            + "\"gap_p50_us\":%d,\"gap_p99_us\":%d,\"gap_max_us\":%d,\"stalls\":%d}",
        options.name,
        options.mode(),
        options.connections,
        options.rate,
        nanos / 1e9,
        times.count(),
        times.count() / (nanos / 1e9),
        failed(),
        kinds(),
        warmed.times.count(),
        warmed.failed(),
        warmed.kinds(),
        connects,
        pieces,
        times.percentile(0.5),
        times.percentile(0.9),
        times.percentile(0.99),
        times.percentile(0.999),
        times.longest(),
        processor.watched,
        processor.server,
        processor.beside,
        processor.cores,
        gaps.percentile(0.5),
        gaps.percentile(0.99),
        gaps.longest(),
        stalls);
  }
}

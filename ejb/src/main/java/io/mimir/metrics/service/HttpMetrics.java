package io.mimir.metrics.service;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * How long requests took, by the template of their route, their method and the class of their
 * status. Callers name templates from a fixed set and never an address as it came, so that nobody
 * outside can make series.
 */
@ApplicationScoped
public class HttpMetrics implements MetricsSource {

  private static final String[] METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "other"};
  private static final int CLASSES = 6;

  private final Map<String, RouteTimes> routes = new ConcurrentHashMap<>();

  /** The requests of one route. */
  public static final class RouteTimes {

    private final AtomicReferenceArray<Histogram> series =
        new AtomicReferenceArray<>(METHODS.length * CLASSES);

    /**
     * Counts one request.
     *
     * @param status of the answer
     */
    public void record(String method, int status, long nanos) {
      int place = indexOf(method) * CLASSES + Math.min(Math.max(status / 100, 0), CLASSES - 1);
      Histogram histogram = series.get(place);
      if (histogram == null) {
        series.compareAndSet(place, null, new Histogram());
        histogram = series.get(place);
      }
      histogram.record(nanos);
    }

    private static int indexOf(String method) {
      for (int i = 0; i < METHODS.length - 1; i++) {
        if (METHODS[i].equals(method)) {
          return i;
        }
      }
      return METHODS.length - 1;
    }
  }

  /**
   * Returns the requests of a route.
   *
   * @param template of a fixed set, with names in braces for what varies
   */
  public RouteTimes of(String template) {
    RouteTimes known = routes.get(template);
    return known != null ? known : routes.computeIfAbsent(template, any -> new RouteTimes());
  }

  @Override
  public void report(Sink sink) {
    routes.forEach(
        (route, times) -> {
          for (int place = 0; place < times.series.length(); place++) {
            Histogram histogram = times.series.get(place);
            if (histogram != null) {
              histogram.report(
                  sink,
                  "mimir_http_request_duration_seconds",
                  "How long requests took, from their head to the end of the answer.",
                  "route",
                  route,
                  "method",
                  METHODS[place / CLASSES],
                  "status",
                  place % CLASSES + "xx");
            }
          }
        });
  }
}

package io.mimir.web.app;

import io.mimir.metrics.service.MetricsSource;
import io.mimir.web.payara.ConnectionPools;
import jakarta.enterprise.context.ApplicationScoped;

/** How the pool of connections to the database is used. */
@ApplicationScoped
public class PoolMetrics implements MetricsSource {

  /** Part of the name of the data source. */
  private static final String POOL = "mimir";

  @Override
  public void report(Sink sink) {
    ConnectionPools.of(POOL)
        .ifPresent(
            pool -> {
              connections(sink, "used", pool.used());
              connections(sink, "free", pool.free());
              sink.gauge(
                  "mimir_database_waiting",
                  "Requests that wait for a connection to the database.",
                  pool.waiting());
            });
  }

  private static void connections(Sink sink, String state, int count) {
    sink.gauge(
        "mimir_database_connections",
        "Connections to the database, by whether they are in use.",
        count,
        "state",
        state);
  }
}

package io.mimir.gateway.web;

import io.mimir.metrics.service.HttpMetrics.RouteTimes;

/** Measures one request of the gateway, from its head to the end of its answer. */
final class CallTime {

  private final RouteTimes route;
  private final String method;
  private final long begunAt = System.nanoTime();
  private boolean over;

  CallTime(RouteTimes route, String method) {
    this.route = route;
    this.method = method;
  }

  /** The answer has been written, or never will be; only the first word counts. */
  synchronized void answered(int status) {
    if (!over) {
      over = true;
      route.record(method, status, System.nanoTime() - begunAt);
    }
  }
}

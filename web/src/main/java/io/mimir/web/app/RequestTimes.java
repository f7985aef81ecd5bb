package io.mimir.web.app;

import io.mimir.metrics.service.HttpMetrics;
import io.mimir.web.Requests;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/** Measures the requests of pages and of the API; the gateway measures its own. */
@ApplicationScoped
public class RequestTimes {

  /** The template of the route that was found for a request, where one was. */
  static final String ROUTE = "mimir.route";

  @Inject HttpMetrics metrics;

  /**
   * A request has its answer.
   *
   * @param begun when it came, of {@link System#nanoTime}
   */
  public void answered(HttpServletRequest request, HttpServletResponse response, long begun) {
    Object route = request.getAttribute(ROUTE);
    String template = route instanceof String found ? found : Requests.pattern(request);
    metrics
        .of(template)
        .record(request.getMethod(), response.getStatus(), System.nanoTime() - begun);
  }
}

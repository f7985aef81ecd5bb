package io.mimir.gateway.web;

import io.mimir.gateway.service.ErrorResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;

/** Refusals as answers: the headers that the clients' libraries act upon. */
final class ErrorResponseWriter {

  private ErrorResponseWriter() {}

  static void write(HttpServletResponse response, ErrorResponse refusal, String requestId)
      throws IOException {
    head(response, refusal, requestId);
    byte[] body = refusal.body(requestId);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  static void head(HttpServletResponse response, ErrorResponse refusal, String requestId) {
    response.setStatus(refusal.status());
    response.setContentType("application/json");
    requestId(response, requestId);
    Duration wait = refusal.retryAfter();
    if (wait != null) {
      response.setHeader(
          "Retry-After", String.valueOf(Math.max(1, (wait.toMillis() + 999) / 1000)));
      response.setHeader("retry-after-ms", String.valueOf(Math.max(1, wait.toMillis())));
    }
    if (refusal.isFinal()) {
      // The libraries would try twice more: that is of no use, or was done here.
      response.setHeader("x-should-retry", "false");
    }
    if (refusal.status() == HttpServletResponse.SC_UNAUTHORIZED) {
      response.setHeader("WWW-Authenticate", "Bearer realm=\"Mimir\"");
    }
  }

  /** OpenAI's clients read one name, Anthropic's the other. */
  static void requestId(HttpServletResponse response, String requestId) {
    response.setHeader("X-Request-Id", requestId);
    response.setHeader("request-id", requestId);
  }
}

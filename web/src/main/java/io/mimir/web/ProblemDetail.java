package io.mimir.web;

import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * A refusal as clients see it: RFC 9457, with our own members {@code code}, {@code request_id} and
 * {@code errors}.
 */
public record ProblemDetail(
    String type,
    String title,
    int status,
    String detail,
    String code,
    String requestId,
    List<FieldError> errors) {

  public static final String MEDIA_TYPE = "application/problem+json";

  public static ProblemDetail of(ProblemException e, String requestId) {
    return of(e.problem(), e.getMessage(), e.errors(), requestId);
  }

  public static ProblemDetail of(
      Problem problem, String detail, List<FieldError> errors, String requestId) {
    return new ProblemDetail(
        "urn:mimir:problem:" + problem.code(),
        title(problem.status()),
        problem.status(),
        detail,
        problem.code(),
        requestId,
        errors);
  }

  private static String title(int status) {
    Status known = Status.fromStatusCode(status);
    return known != null ? known.getReasonPhrase() : "Unprocessable Content";
  }

  /** The answer of a resource. */
  public Response response(Duration retryAfter) {
    Response.ResponseBuilder answer = Response.status(status).type(MEDIA_TYPE).entity(this);
    if (retryAfter != null) {
      answer.header("Retry-After", seconds(retryAfter));
    }
    return answer.build();
  }

  /** The answer where there is no resource yet. */
  public void write(HttpServletResponse response, Duration retryAfter) throws IOException {
    response.resetBuffer();
    response.setStatus(status);
    response.setContentType(MEDIA_TYPE);
    if (retryAfter != null) {
      response.setHeader("Retry-After", String.valueOf(seconds(retryAfter)));
    }
    byte[] body = Json.write(this);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
    response.flushBuffer();
  }

  /** Whole seconds, rounded up, so that nobody comes back too early. */
  private static long seconds(Duration wait) {
    return Math.max(1, (wait.toMillis() + 999) / 1000);
  }
}

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
        title(statusOf(problem)),
        statusOf(problem),
        detail,
        problem.code(),
        requestId,
        errors);
  }

  private static String title(int status) {
    Status known = Status.fromStatusCode(status);
    return known != null ? known.getReasonPhrase() : "Unprocessable Content";
  }

  /** No default branch: a new problem does not compile until it has a status. */
  public static int statusOf(Problem problem) {
    return switch (problem) {
      case MALFORMED, UNKNOWN_FIELD, MISSING_FIELD, INVALID -> 400;
      case UNAUTHENTICATED -> 401;
      case FORBIDDEN, CSRF, BUILTIN_IMMUTABLE -> 403;
      case NOT_FOUND, MODEL_NOT_FOUND -> 404;
      case METHOD_NOT_ALLOWED -> 405;
      case NOT_ACCEPTABLE -> 406;
      case NAME_TAKEN, IN_USE, LAST_ADMIN, RESTORE_CONFLICT, NOT_RUNNING -> 409;
      case STALE -> 412;
      case TOO_LARGE -> 413;
      case UNSUPPORTED_MEDIA_TYPE -> 415;
      case REFUSED, ENDPOINT_BLOCKED, KEY_REQUIRED_FOR_NEW_ORIGIN, WEAK_PASSWORD -> 422;
      case PLUGIN_REFUSED, PLUGIN_FAILED -> 422;
      case RATE_LIMITED, LOCKED_OUT, PLUGIN_BUSY -> 429;
      case PROVIDER_ERROR, PLUGIN_CRASHED -> 502;
      case NO_USABLE_KEY, STORAGE_UNAVAILABLE -> 503;
      case PROVIDER_TIMEOUT, PLUGIN_DEADLINE -> 504;
      case UNEXPECTED -> 500;
    };
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

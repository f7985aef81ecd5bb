package io.mimir.web;

import static java.lang.System.Logger.Level.ERROR;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.storage.service.Database;
import jakarta.ejb.AccessLocalException;
import jakarta.ejb.EJBAccessException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.sql.SQLException;
import java.time.Duration;
import javax.transaction.xa.XAException;

/**
 * Turns whatever goes wrong below the API into a problem: the client learns what to do, and the log
 * learns why.
 */
@Provider
public class ProblemMapper implements ExceptionMapper<Throwable> {

  private static final System.Logger LOG = System.getLogger(ProblemMapper.class.getName());
  private static final Duration STORAGE_RETRY = Duration.ofSeconds(5);

  @Context HttpServletRequest request;

  @Override
  public Response toResponse(Throwable e) {
    ProblemException problem = problemOf(e);
    return ProblemDetail.of(problem, Requests.id(request))
        .response(problem.retryAfter().orElse(null));
  }

  /**
   * What a throwable means to a client; what is not understood is logged and stays {@code
   * unexpected}.
   */
  public static ProblemException problemOf(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProblemException problem) {
        return problem;
      }
      if (isOfRoles(cause)) {
        return new ProblemException(Problem.FORBIDDEN, "Your roles do not allow this");
      }
      if (cause instanceof SQLException sql && Database.takenName(sql).isPresent()) {
        return ProblemException.of(
            Problem.NAME_TAKEN,
            Database.takenName(sql).get(),
            "name_taken",
            "Somebody has taken this name just now: choose another one");
      }
      // A commit that failed comes without what the database said of it.
      if (cause instanceof SQLException || cause instanceof XAException) {
        LOG.log(ERROR, "The database failed", e);
        return ProblemException.retryable(
            Problem.STORAGE_UNAVAILABLE,
            "The database cannot be used at the moment; nothing was changed",
            STORAGE_RETRY);
      }
    }
    if (e instanceof WebApplicationException http) {
      return ofStatus(http.getResponse().getStatus());
    }
    LOG.log(ERROR, "Unexpected", e);
    return new ProblemException(
        Problem.UNEXPECTED, "Something unexpected happened; the server's log says what");
  }

  /**
   * Tells whether a bean has refused a caller whom nothing before it did: the last of the checks of
   * roles (T70), whatever wraps its word.
   */
  public static boolean isDenial(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (isOfRoles(cause)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOfRoles(Throwable cause) {
    return cause instanceof EJBAccessException || cause instanceof AccessLocalException;
  }

  private static ProblemException ofStatus(int status) {
    return switch (status) {
      case 404 -> new ProblemException(Problem.NOT_FOUND, "There is nothing at this address");
      case 405 ->
          new ProblemException(
              Problem.METHOD_NOT_ALLOWED, "This address does not take this method");
      case 406 ->
          new ProblemException(Problem.NOT_ACCEPTABLE, "The API answers application/json only");
      case 415 ->
          new ProblemException(Problem.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json");
      case 401 -> new ProblemException(Problem.UNAUTHENTICATED, "Sign in first");
      case 403 -> new ProblemException(Problem.FORBIDDEN, "Your roles do not allow this");
      case 413 -> new ProblemException(Problem.TOO_LARGE, "The body is too large");
      default ->
          status >= 500
              ? new ProblemException(Problem.UNEXPECTED, "The request could not be answered")
              : new ProblemException(Problem.MALFORMED, "The request could not be read");
    };
  }
}

package io.mimir.web.app;

import io.mimir.audit.service.RequestOrigin;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Readiness;
import io.mimir.lifecycle.service.Readiness.Phase;
import io.mimir.security.web.ClientAddress;
import io.mimir.web.ProblemDetail;
import io.mimir.web.ProblemMapper;
import io.mimir.web.Requests;
import io.mimir.web.ResponseHeaders;
import io.mimir.web.payara.HeldBodies;
import io.mimir.web.payara.OpenPort;
import io.mimir.web.payara.UpgradeOffers;
import jakarta.faces.application.ViewExpiredException;
import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;

/**
 * The rules that hold for every request, whatever answers it: a request id, the headers that tell
 * browsers to be careful (T64), no secret in an address (T03), no form from another site (T60), and
 * no HTML under /api. Mapped in web.xml, so that it comes before all other filters.
 */
public class RequestGuardFilter extends HttpFilter {

  private static final long serialVersionUID = 1L;

  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
  private static final Set<String> SECRET_PARAMETERS =
      Set.of("key", "api_key", "apikey", "key_value", "token", "access_token", "password");

  @Inject transient RequestOrigin origin;
  @Inject transient ClientAddress clientAddress;
  @Inject transient Readiness readiness;
  @Inject transient RequestsInFlight flights;
  @Inject transient RequestTimes times;
  @Inject transient OpenPort port;
  @Inject transient UpgradeOffers upgrades;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    long begun = System.nanoTime();
    readiness.asked();
    port.seen(request);
    upgrades.refuse(request, response);
    if (readiness.phase() != Phase.SERVING) {
      response.setHeader("Connection", "close");
    }
    if (Requests.isGateway(request)) {
      // It has no pages and knows no cookies: what follows is about these.
      response.setHeader("X-Content-Type-Options", "nosniff");
      response.setHeader("Cache-Control", "no-store");
      chain.doFilter(request, response);
      return;
    }
    origin.set(clientAddress.of(request), Requests.id(request));
    request.setCharacterEncoding("UTF-8");
    ResponseHeaders.set(request, response);
    flights.begin();
    try {
      checkPhase(request);
      check(request);
      chain.doFilter(request, response);
    } catch (ProblemException e) {
      // What is left of a body stands where the next request would be read.
      response.setHeader("Connection", "close");
      answer(request, response, e);
    } catch (ServletException | RuntimeException e) {
      if (isOfAPageThatIsGone(e) && !response.isCommitted()) {
        answerExpired(request, response);
        return;
      }
      if (ProblemMapper.isDenial(e)
          && !Requests.isForPrograms(request)
          && !response.isCommitted()) {
        response.reset();
        ResponseHeaders.set(request, response);
        response.sendError(HttpServletResponse.SC_FORBIDDEN);
        return;
      }
      if (!Requests.isForPrograms(request) || response.isCommitted()) {
        throw e;
      }
      answer(request, response, ProblemMapper.problemOf(e));
    } finally {
      flights.end(request, () -> times.answered(request, response, begun));
    }
  }

  /** A form of a page that the server does not know any more, or never knew: nothing to log. */
  private static boolean isOfAPageThatIsGone(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ViewExpiredException) {
        return true;
      }
    }
    return false;
  }

  /**
   * The page is built as one of an error is: Faces would otherwise look for the state of this page
   * under the same name, not find it either, and that would be logged at length.
   */
  private static void answerExpired(HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    response.reset();
    ResponseHeaders.set(request, response);
    response.setStatus(HttpServletResponse.SC_BAD_REQUEST);
    request.setAttribute(RequestDispatcher.ERROR_MESSAGE, "expired");
    request.setAttribute(RequestDispatcher.ERROR_REQUEST_URI, request.getRequestURI());
    request.getRequestDispatcher("/errors/expired.xhtml").forward(request, response);
  }

  private void checkPhase(HttpServletRequest request) {
    ProblemException refusal = readiness.refusal();
    if (refusal != null && !Requests.path(request).startsWith("/health/")) {
      throw refusal;
    }
  }

  private static void answer(
      HttpServletRequest request, HttpServletResponse response, ProblemException e)
      throws IOException {
    // A page would have the server read the form, to its last part.
    if (Requests.isForPrograms(request) || Requests.isMultipart(request)) {
      ProblemDetail.of(e, Requests.id(request)).write(response, e.retryAfter().orElse(null));
    } else {
      e.retryAfter()
          .ifPresent(wait -> response.setHeader("Retry-After", String.valueOf(wait.toSeconds())));
      response.sendError(e.problem().status());
    }
  }

  private static void check(HttpServletRequest request) {
    if (request.getHeader("Content-Encoding") != null) {
      throw new ProblemException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "Send the body without Content-Encoding");
    }
    checkBody(request);
    if (Requests.isForPrograms(request) && request.getQueryString() != null) {
      for (String pair : request.getQueryString().split("&")) {
        if (SECRET_PARAMETERS.contains(pair.split("=", 2)[0].toLowerCase(Locale.ROOT))) {
          throw new ProblemException(
              Problem.MALFORMED,
              "Secrets do not belong into an address: send them in the body or the header");
        }
      }
    }
    if (!SAFE.contains(request.getMethod()) && isFromElsewhere(request)) {
      throw new ProblemException(Problem.CSRF, "This request comes from another site");
    }
  }

  /** Here nothing may wait for the rest of a body: the server has given us those that are whole. */
  private static void checkBody(HttpServletRequest request) {
    if (Requests.path(request).startsWith(HeldBodies.PLUGINS)) {
      return;
    }
    if (Requests.isMultipart(request)) {
      throw new ProblemException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "Forms with parts are for the upload of plugins");
    }
    if (request.getContentLengthLong() > HeldBodies.MAX_BYTES) {
      throw new ProblemException(Problem.TOO_LARGE, "A body may have at most 256 KiB here");
    }
    if (request.getHeader("Expect") != null) {
      throw new ProblemException(Problem.MALFORMED, "Send the body at once, without Expect");
    }
    if (request.getHeader("Transfer-Encoding") != null && !Requests.isForPrograms(request)) {
      throw new ProblemException(Problem.MALFORMED, "Send the body with its Content-Length");
    }
  }

  /**
   * Browsers say where a request comes from; programs say nothing and bring no cookie of a browser
   * either.
   */
  private static boolean isFromElsewhere(HttpServletRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null) {
      return !site.equals("same-origin") && !site.equals("none");
    }
    String origin = request.getHeader("Origin");
    if (origin == null) {
      return false;
    }
    String host = request.getHeader("Host");
    int scheme = origin.indexOf("://");
    return scheme < 0 || !origin.substring(scheme + 3).equalsIgnoreCase(host);
  }
}

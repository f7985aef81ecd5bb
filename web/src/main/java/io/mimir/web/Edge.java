package io.mimir.web;

import io.mimir.audit.service.Origin;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Ids;
import io.mimir.security.web.ClientAddress;
import io.mimir.start.service.StartState;
import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What holds for every request, whatever answers it: a request id, the headers that tell browsers
 * to be careful (T64), no secret in an address (T03), no form from another site (T60), and no HTML
 * under /api.
 */
@WebFilter(urlPatterns = "/*", asyncSupported = true)
public class Edge extends HttpFilter {

  private static final long serialVersionUID = 1L;

  private static final String REQUEST_ID = "mimir.requestId";
  private static final Pattern DOT_SEGMENT =
      Pattern.compile(
          "(/|%2f|\\\\|%5c)(\\.|%2e){1,2}([/;\\\\]|%2f|%5c|$)", Pattern.CASE_INSENSITIVE);
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
  private static final Set<String> SECRET_PARAMETERS =
      Set.of("key", "api_key", "apikey", "key_value", "token", "access_token", "password");

  @Inject transient Origin origin;
  @Inject transient ClientAddress clientAddress;
  @Inject transient StartState state;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    state.asked();
    if (isGateway(request)) {
      // It has no pages and knows no cookies: what follows is about these.
      response.setHeader("X-Content-Type-Options", "nosniff");
      response.setHeader("Cache-Control", "no-store");
      chain.doFilter(request, response);
      return;
    }
    origin.set(clientAddress.of(request), requestId(request));
    request.setCharacterEncoding("UTF-8");
    headers(request, response);
    try {
      check(request);
      chain.doFilter(request, response);
    } catch (ProblemException e) {
      answer(request, response, e);
    } catch (ServletException | RuntimeException e) {
      if (!isForPrograms(request) || response.isCommitted()) {
        throw e;
      }
      answer(request, response, ProblemMapper.problemOf(e));
    }
  }

  private static void answer(
      HttpServletRequest request, HttpServletResponse response, ProblemException e)
      throws IOException {
    if (isForPrograms(request)) {
      ProblemDetail.of(e, requestId(request)).write(response, e.retryAfter().orElse(null));
    } else {
      response.sendError(ProblemDetail.statusOf(e.problem()));
    }
  }

  /** The id of this request: given out by us, so that nobody can put anything into the log. */
  public static String requestId(HttpServletRequest request) {
    Object known = request.getAttribute(REQUEST_ID);
    if (known instanceof String id) {
      return id;
    }
    String fresh = Ids.random("req_");
    request.setAttribute(REQUEST_ID, fresh);
    return fresh;
  }

  /**
   * The path below the context root, as the server understood it when it chose who answers:
   * decoded, and without dot segments and path parameters. Whoever decides by an address must read
   * it in the same way, or {@code /assets/../metrics} is public.
   */
  public static String path(HttpServletRequest request) {
    String servlet = request.getServletPath();
    String rest = request.getPathInfo();
    return rest == null ? servlet : servlet.concat(rest);
  }

  /** Whether the address is written without segments that lead somewhere else. */
  public static boolean isPlain(HttpServletRequest request) {
    return !DOT_SEGMENT.matcher(request.getRequestURI()).find();
  }

  /**
   * Whether clients of OpenAI, Anthropic or Ollama are meant, who are answered in their own words.
   */
  public static boolean isGateway(HttpServletRequest request) {
    String servlet = request.getServletPath();
    return servlet.equals("/v1") || servlet.equals("/ollama");
  }

  public static boolean isApi(HttpServletRequest request) {
    return path(request).startsWith("/api/") || path(request).equals("/api");
  }

  /** Whether programs call this address: with a header of their own, and without use for HTML. */
  public static boolean isForPrograms(HttpServletRequest request) {
    return isApi(request) || path(request).equals("/metrics");
  }

  /**
   * Sets what every answer carries; also called where an answer is given before any filter runs.
   */
  public static void headers(HttpServletRequest request, HttpServletResponse response) {
    response.setHeader("X-Request-Id", requestId(request));
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("X-Frame-Options", "DENY");
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    response.setHeader(
        "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    if (request.isSecure()) {
      response.setHeader("Strict-Transport-Security", "max-age=31536000");
    }
    if (isForPrograms(request)) {
      response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }
    if (isAsset(request)) {
      response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
    } else if (!isResource(request)) {
      response.setHeader("Cache-Control", "no-store");
    }
  }

  /** Addresses of assets carry a digest of their content: a new content has a new address. */
  private static boolean isAsset(HttpServletRequest request) {
    return path(request).startsWith("/assets/") && request.getParameter("v") != null;
  }

  private static boolean isResource(HttpServletRequest request) {
    return path(request).startsWith("/jakarta.faces.resource/");
  }

  private static void check(HttpServletRequest request) {
    if (request.getHeader("Content-Encoding") != null) {
      throw new ProblemException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "Send the body without Content-Encoding");
    }
    if (isForPrograms(request) && request.getQueryString() != null) {
      for (String pair : request.getQueryString().split("&")) {
        if (SECRET_PARAMETERS.contains(pair.split("=", 2)[0].toLowerCase(java.util.Locale.ROOT))) {
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

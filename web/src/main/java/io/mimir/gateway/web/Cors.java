package io.mimir.gateway.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The answers to browsers whose scripts call the gateway from a page of another origin (CORS of the
 * Fetch standard). Cookies and other credentials of the browser are never allowed: a script brings
 * its token itself.
 */
@ApplicationScoped
public class Cors {

  private static final String METHODS = "GET, HEAD, POST, DELETE, OPTIONS";

  /** What the clients' libraries send; whole families go by their beginning. */
  private static final Set<String> REQUEST_HEADERS =
      Set.of(
          "accept",
          "authorization",
          "content-type",
          "api-key",
          "x-api-key",
          "idempotency-key",
          "mimir-strict",
          "user-agent",
          "x-client-request-id",
          "session_id",
          "x-session-id",
          "traceparent",
          "tracestate");

  private static final List<String> REQUEST_FAMILIES =
      List.of("x-stainless-", "anthropic-", "openai-", "x-app");

  private static final String RESPONSE_HEADERS =
      Stream.of(
              Stream.of(
                  "x-request-id",
                  "request-id",
                  "x-provider-request-id",
                  "mimir-key",
                  "mimir-left-out",
                  "retry-after",
                  "retry-after-ms",
                  "x-should-retry",
                  "openai-model",
                  "openai-version",
                  "openai-processing-ms"),
              names("x-ratelimit-%2$s-%1$s", "requests", "tokens"),
              names(
                  "anthropic-ratelimit-%1$s-%2$s",
                  "requests", "tokens", "input-tokens", "output-tokens"))
          .flatMap(s -> s)
          .collect(Collectors.joining(", "));

  private static final String ORIGIN = "Origin";
  private static final String MAX_AGE_SECONDS = "600";

  @Inject CorsConfig config;

  private static Stream<String> names(String format, String... things) {
    return Stream.of(things)
        .flatMap(
            thing ->
                Stream.of("limit", "remaining", "reset")
                    .map(word -> format.formatted(thing, word)));
  }

  /**
   * Lets the scripts of an allowed origin read the answer, and answers OPTIONS.
   *
   * @return whether the request is answered
   * @throws ProblemException FORBIDDEN for the preflight of another origin
   */
  public boolean answered(HttpServletRequest request, HttpServletResponse response) {
    String origin = request.getHeader(ORIGIN);
    if (!config.isEmpty()) {
      response.addHeader("Vary", ORIGIN);
    }
    boolean allowed = origin != null && config.allows(origin);
    if (allowed) {
      response.setHeader("Access-Control-Allow-Origin", origin);
      response.setHeader("Access-Control-Expose-Headers", RESPONSE_HEADERS);
    }
    if (!request.getMethod().equals("OPTIONS")) {
      return false;
    }
    if (origin != null && !allowed) {
      throw new ProblemException(
          Problem.FORBIDDEN,
          "Pages of this origin may not call: an administrator can name it in MIMIR_CORS_ORIGINS");
    }
    response.setHeader("Allow", METHODS);
    if (allowed) {
      preflight(request, response);
    }
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    return true;
  }

  private static void preflight(HttpServletRequest request, HttpServletResponse response) {
    response.addHeader("Vary", "Access-Control-Request-Headers");
    response.setHeader("Access-Control-Allow-Methods", METHODS);
    response.setHeader(
        "Access-Control-Allow-Headers",
        allowedOf(request.getHeader("Access-Control-Request-Headers")));
    response.setHeader("Access-Control-Max-Age", MAX_AGE_SECONDS);
    if ("true".equals(request.getHeader("Access-Control-Request-Private-Network"))) {
      response.setHeader("Access-Control-Allow-Private-Network", "true");
    }
  }

  /** Of what a browser asks for, what may be sent; without a question, what is usual. */
  private static String allowedOf(String asked) {
    List<String> allowed = new ArrayList<>();
    for (String part : asked == null ? new String[0] : asked.split(",")) {
      String name = part.strip().toLowerCase(Locale.ROOT);
      boolean known =
          REQUEST_HEADERS.contains(name)
              || (name.matches("[a-z0-9-]{1,60}")
                  && REQUEST_FAMILIES.stream().anyMatch(name::startsWith));
      if (known) {
        allowed.add(name);
      }
    }
    return allowed.isEmpty()
        ? "authorization, content-type, x-api-key"
        : String.join(", ", allowed);
  }
}

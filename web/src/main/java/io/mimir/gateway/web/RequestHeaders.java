package io.mimir.gateway.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.service.Identity;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The headers of a caller: which go on to a provider, and which are refused. */
final class RequestHeaders {

  /** Passed on, each once: what a second line would mean is not defined. */
  private static final List<String> SINGLE =
      List.of(GatewayAddress.ANTHROPIC_VERSION, "Idempotency-Key");

  /** Passed on; several lines are one list (RFC 9110, 5.3). */
  private static final List<String> LISTS = List.of("anthropic-beta", "OpenAI-Beta", "Accept");

  /** The conversation, as codex, opencode, Claude Code and others name it. */
  private static final List<String> SESSION =
      List.of("session_id", "x-session-id", "x-session-affinity", "x-claude-code-session-id");

  /** What would let a caller choose where a key is sent (T11). */
  private static final Set<String> STEERING =
      Set.of(
          "x-base-url",
          "x-api-base",
          "api-base",
          "base-url",
          "x-endpoint-url",
          "x-custom-host",
          "x-portkey-custom-host",
          "helicone-target-url",
          "x-forward-to");

  private static final List<String> SECRET_OR_STEERING =
      List.of("key=", "token=", "api_base=", "base_url=");

  private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7E\\t]{0,8192}");
  private static final Pattern QUERY = Pattern.compile("[\\x21-\\x7E]{0,2000}");

  private RequestHeaders() {}

  /**
   * Refuses what would choose where a key is used, and what is no plain body.
   *
   * @throws ProblemException UNSUPPORTED_MEDIA_TYPE, INVALID or MALFORMED
   */
  static void check(HttpServletRequest request) {
    if (request.getHeader("Content-Encoding") != null) {
      throw new ProblemException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "Send the body without Content-Encoding");
    }
    for (String name : STEERING) {
      if (request.getHeader(name) != null) {
        throw new ProblemException(
            Problem.INVALID,
            "Leave the header %s out: where a key is used is set by administrators"
                .formatted(name));
      }
    }
    String query = request.getQueryString();
    if (query != null) {
      String lower = query.toLowerCase(Locale.ROOT);
      if (SECRET_OR_STEERING.stream().anyMatch(lower::contains)) {
        throw new ProblemException(
            Problem.MALFORMED, "Neither secrets nor servers belong into an address");
      }
    }
  }

  static boolean isQueryPlain(HttpServletRequest request) {
    return request.getQueryString() == null || QUERY.matcher(request.getQueryString()).matches();
  }

  /**
   * Collects what a provider may see.
   *
   * @param type of the body
   * @throws ProblemException INVALID when a value cannot be passed on, naming the header
   */
  static Map<String, String> passed(HttpServletRequest request, String type) {
    Map<String, String> headers = new LinkedHashMap<>(8);
    headers.put("Content-Type", VALUE.matcher(type).matches() ? type : "application/json");
    for (String name : SINGLE) {
      put(headers, name, request.getHeader(name));
    }
    for (String name : LISTS) {
      // Nearly always there is one line, which needs no list.
      if (request.getHeader(name) != null) {
        put(headers, name, String.join(",", Collections.list(request.getHeaders(name))));
      }
    }
    return headers;
  }

  /** Returns what the client calls the conversation, or null. */
  static String session(HttpServletRequest request) {
    for (String name : SESSION) {
      String value = request.getHeader(name);
      if (value != null && !value.isBlank()) {
        return value;
      }
    }
    return null;
  }

  /** Tells whether hints that a provider's protocol has no word for are to be refused. */
  static boolean isStrict(HttpServletRequest request, Identity caller) {
    return caller.strict() || "true".equalsIgnoreCase(request.getHeader("mimir-strict"));
  }

  private static void put(Map<String, String> headers, String name, String value) {
    if (value == null) {
      return;
    }
    if (!VALUE.matcher(value).matches()) {
      throw new ProblemException(
          Problem.INVALID,
          "The header %s is longer than 8192 characters or not in ASCII".formatted(name));
    }
    headers.put(name, value);
  }
}

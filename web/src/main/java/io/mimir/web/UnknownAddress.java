package io.mimir.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.MappingMatch;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The answer to programs at addresses that do not exist: a client whose base URL lacks {@code /v1}
 * is told the right one in its own protocol, and never led to a page.
 */
public final class UnknownAddress {

  private static final Set<String> OLLAMAS =
      Set.of(
          "chat",
          "generate",
          "tags",
          "embed",
          "embeddings",
          "ps",
          "show",
          "version",
          "pull",
          "push",
          "create",
          "copy",
          "delete",
          "blobs");

  private UnknownAddress() {}

  /**
   * Tells whether a program calls an address that is none. An address that nothing is mapped to is
   * one of those unless a browser asks for a page; a page is one when what comes is no visit of a
   * browser: JSON, or a key in a header that no browser sends.
   */
  public static boolean isCalled(HttpServletRequest request) {
    String path = Requests.path(request);
    if (path.startsWith("/assets/") || path.equals("/favicon.ico")) {
      return false;
    }
    boolean html = accepts(request, "text/html");
    boolean key = request.getHeader("x-api-key") != null || request.getHeader("api-key") != null;
    boolean json = isJson(request);
    if (isMapped(request)) {
      boolean bearer = isBearer(request) && accepts(request, "application/json") && !html;
      return isPage(path) && (json || key || bearer);
    }
    boolean known = Requests.isApi(request) && !isOllamas(path);
    return !known && (!html || json || key || request.getHeader("Authorization") != null);
  }

  private static boolean isMapped(HttpServletRequest request) {
    return request.getHttpServletMapping().getMappingMatch() != MappingMatch.DEFAULT;
  }

  private static boolean isPage(String path) {
    return !path.startsWith("/api/")
        && !path.startsWith("/health/")
        && !path.startsWith("/hooks/")
        && !path.equals("/metrics")
        && !path.equals("/openapi");
  }

  private static boolean isOllamas(String path) {
    String[] segments = path.split("/", 4);
    return segments.length > 2 && segments[1].equals("api") && OLLAMAS.contains(segments[2]);
  }

  private static boolean accepts(HttpServletRequest request, String type) {
    String accept = request.getHeader("Accept");
    return accept != null && accept.contains(type);
  }

  private static boolean isJson(HttpServletRequest request) {
    String type = request.getContentType();
    return type != null && type.toLowerCase(Locale.ROOT).startsWith("application/json");
  }

  private static boolean isBearer(HttpServletRequest request) {
    String authorization = request.getHeader("Authorization");
    return authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7);
  }

  /**
   * Answers with 404.
   *
   * @param base where this server is reached, without a slash at its end
   */
  public static void answer(HttpServletRequest request, HttpServletResponse response, String base)
      throws IOException {
    String path = Requests.path(request);
    String id = Requests.id(request);
    byte[] body = Json.write(body(request, path, base, id));
    response.setStatus(HttpServletResponse.SC_NOT_FOUND);
    response.setContentType("application/json");
    response.setHeader("request-id", id);
    response.setHeader("x-should-retry", "false");
    response.setContentLength(body.length);
    if (!request.getMethod().equals("HEAD")) {
      response.getOutputStream().write(body);
    }
    response.flushBuffer();
  }

  private static Map<String, Object> body(
      HttpServletRequest request, String path, String base, String id) {
    if (isOllamas(path)) {
      return Map.of(
          "error",
          "There is nothing at this address. Set the base URL to %s/ollama".formatted(base));
    }
    boolean anthropic =
        request.getHeader("anthropic-version") != null
            || path.startsWith("/anthropic")
            || path.startsWith("/messages");
    Map<String, Object> error = new LinkedHashMap<>();
    if (anthropic) {
      error.put("type", "not_found_error");
      error.put(
          "message",
          "There is nothing at this address. Set the base URL to %s: clients of Anthropic add /v1/messages"
              .formatted(base));
      Map<String, Object> whole = new LinkedHashMap<>();
      whole.put("type", "error");
      whole.put("error", error);
      whole.put("request_id", id);
      return whole;
    }
    String sentence =
        path.equals("/mcp") || path.equals("/sse")
            ? "There is no MCP server here. Models are called with the base URL %s/v1"
            : "There is nothing at this address. Set the base URL to %s/v1";
    error.put("message", sentence.formatted(base));
    error.put("type", "invalid_request_error");
    error.put("param", null);
    error.put("code", "not_found");
    return Map.of("error", error);
  }
}

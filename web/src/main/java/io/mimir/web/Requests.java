package io.mimir.web;

import io.mimir.id.Ids;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;

/** Questions about a request that every feature asks in the same way: its id and its address. */
public final class Requests {

  private static final String REQUEST_ID = "mimir.requestId";
  private static final Pattern DOT_SEGMENT =
      Pattern.compile(
          "(/|%2f|\\\\|%5c)(\\.|%2e){1,2}([/;\\\\]|%2f|%5c|$)", Pattern.CASE_INSENSITIVE);

  private Requests() {}

  /** Returns the id of a request: given out by us, so that nobody can put anything into the log. */
  public static String id(HttpServletRequest request) {
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

  /**
   * What the server maps to whoever answers the request: one of the few patterns of the
   * application, and never an address as it came.
   */
  public static String pattern(HttpServletRequest request) {
    String pattern = request.getHttpServletMapping().getPattern();
    return pattern.isEmpty() ? "/" : pattern;
  }

  /**
   * Whether the address is written without segments that lead somewhere else, and without path
   * parameters, such as the id of a session that a page of somebody else's would bring.
   */
  public static boolean isPlain(HttpServletRequest request) {
    String address = request.getRequestURI();
    return address.indexOf(';') < 0 && !DOT_SEGMENT.matcher(address).find();
  }

  /**
   * Whether a browser was led here by a page of another site. It leaves out the cookies that are
   * for visits from our own pages then.
   */
  public static boolean isVisitFromElsewhere(HttpServletRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    return request.getMethod().equals("GET")
        && "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
        && ("cross-site".equals(site) || "same-site".equals(site));
  }

  /**
   * Whether clients of OpenAI, Anthropic or Ollama are meant, who are answered in their own words.
   */
  public static boolean isGateway(HttpServletRequest request) {
    String servlet = request.getServletPath();
    return servlet.equals("/v1") || servlet.equals("/ollama");
  }

  /** Whether the body is a form with parts. */
  public static boolean isMultipart(HttpServletRequest request) {
    String type = request.getContentType();
    return type != null && type.regionMatches(true, 0, "multipart/", 0, 10);
  }

  /** An address of this site: anything else could lead people astray who are sent on. */
  public static boolean isOurs(String address) {
    return address != null && address.matches("/(?![/\\\\])[\\x21-\\x7E&&[^\\\\]]*");
  }

  /** Tells whether the console's API is meant. */
  public static boolean isApi(HttpServletRequest request) {
    return path(request).startsWith("/api/") || path(request).equals("/api");
  }

  /** Whether programs call this address: with a header of their own, and without use for HTML. */
  public static boolean isForPrograms(HttpServletRequest request) {
    return isApi(request)
        || path(request).equals("/metrics")
        || path(request).equals("/openapi")
        || path(request).startsWith("/hooks/");
  }
}

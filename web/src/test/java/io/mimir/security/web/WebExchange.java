package io.mimir.security.web;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletMapping;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.MappingMatch;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A request, its answer, and a browser's session between several of them, without a server. */
final class WebExchange {

  private final String method;
  private final String path;
  private final Map<String, String> headers = new HashMap<>();
  private final Map<String, Object> attributes = new HashMap<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private Browser browser = new Browser();
  private int status = 200;
  private boolean committed;

  /** What a browser keeps, and what the server keeps of it. */
  static final class Browser {
    private final Map<String, Object> attributes = new HashMap<>();
    private boolean hasSession;
    private int sessionIds;
    private Cookie cookie;

    Cookie cookie() {
      return cookie;
    }

    boolean hasSession() {
      return hasSession;
    }

    /** How often the session's id was changed. */
    int sessionIds() {
      return sessionIds;
    }

    /** Loses the second cookie. */
    void forgetCookie() {
      cookie = null;
    }

    void useCookie(Cookie other) {
      cookie = other;
    }
  }

  WebExchange(String method, String path) {
    this.method = method;
    this.path = path;
  }

  WebExchange with(String header, String value) {
    headers.put(header.toLowerCase(Locale.ROOT), value);
    return this;
  }

  WebExchange by(Browser other) {
    browser = other;
    return this;
  }

  Browser browser() {
    return browser;
  }

  int status() {
    return status;
  }

  String body() {
    return body.toString(StandardCharsets.UTF_8);
  }

  /** A header of the answer; null for none. */
  String answered(String header) {
    return headers.get("answer " + header);
  }

  HttpServletRequest request() {
    return of(
        HttpServletRequest.class,
        (proxy, called, arguments) ->
            switch (called.getName()) {
              case "getMethod" -> method;
              case "getServletPath", "getRequestURI" -> path;
              case "getPathInfo", "getContentType", "getParameter" -> null;
              case "getContextPath" -> "";
              case "getRemoteAddr" -> "192.0.2.1";
              case "getScheme" -> "https";
              case "isSecure" -> true;
              case "getHeader" -> headers.get(((String) arguments[0]).toLowerCase(Locale.ROOT));
              case "getHeaders" -> Collections.enumeration(List.of());
              case "getHttpServletMapping" -> mapping();
              case "getAttribute" -> attributes.get(arguments[0]);
              case "setAttribute" -> attributes.put((String) arguments[0], arguments[1]);
              case "getCookies" ->
                  browser.cookie == null
                      ? null
                      : new Cookie[] {new Cookie("other", "x"), browser.cookie};
              case "changeSessionId" -> "session " + ++browser.sessionIds;
              case "getSession" -> session(arguments == null || (boolean) arguments[0]);
              default -> throw new UnsupportedOperationException(called.getName());
            });
  }

  private HttpSession session(boolean make) {
    browser.hasSession |= make;
    return browser.hasSession
        ? of(
            HttpSession.class,
            (proxy, called, arguments) ->
                switch (called.getName()) {
                  case "getAttribute" -> browser.attributes.get(arguments[0]);
                  case "setAttribute" ->
                      browser.attributes.put((String) arguments[0], arguments[1]);
                  case "invalidate" -> {
                    browser.hasSession = false;
                    browser.attributes.clear();
                    yield null;
                  }
                  default -> throw new UnsupportedOperationException(called.getName());
                })
        : null;
  }

  private static HttpServletMapping mapping() {
    return of(
        HttpServletMapping.class,
        (proxy, called, arguments) ->
            called.getName().equals("getMappingMatch") ? MappingMatch.PATH : "/mapped/*");
  }

  HttpServletResponse response() {
    return of(
        HttpServletResponse.class,
        (proxy, called, arguments) -> {
          switch (called.getName()) {
            case "setStatus", "sendError" -> {
              status = (int) arguments[0];
              committed |= called.getName().equals("sendError");
            }
            case "getStatus" -> {
              return status;
            }
            case "isCommitted" -> {
              return committed;
            }
            case "flushBuffer" -> committed = true;
            case "setHeader" -> headers.put("answer " + arguments[0], (String) arguments[1]);
            case "addCookie" -> {
              Cookie cookie = (Cookie) arguments[0];
              browser.cookie = cookie.getMaxAge() == 0 ? null : cookie;
            }
            case "getOutputStream" -> {
              return stream();
            }
            case "getWriter" -> {
              return new PrintWriter(body, true, StandardCharsets.UTF_8);
            }
            case "setContentType", "setCharacterEncoding", "setContentLength", "resetBuffer" -> {
              // What an answer says is looked at, and not how.
            }
            default -> throw new UnsupportedOperationException(called.getName());
          }
          return null;
        });
  }

  private ServletOutputStream stream() {
    return new ServletOutputStream() {
      @Override
      public void write(int b) {
        body.write(b);
      }

      @Override
      public boolean isReady() {
        return true;
      }

      @Override
      public void setWriteListener(WriteListener listener) {
        throw new UnsupportedOperationException();
      }
    };
  }

  private static <T> T of(Class<T> type, InvocationHandler answers) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
  }
}

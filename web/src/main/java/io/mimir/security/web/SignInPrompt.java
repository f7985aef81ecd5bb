package io.mimir.security.web;

import io.mimir.web.Requests;
import io.mimir.web.ResponseHeaders;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Leads a person who is not known to the page where to sign in, and back. */
final class SignInPrompt {

  /** How Jakarta Faces marks the requests of its scripts. */
  private static final String PARTIAL = "partial/ajax";

  private static final String AGAIN =
      "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"UTF-8\">"
          + "<meta http-equiv=\"refresh\" content=\"0\"><title>Mimir</title></head><body></body></html>";

  private SignInPrompt() {}

  /** Answers a request for a page, or for part of one. */
  static void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    ResponseHeaders.set(request, response);
    if (Requests.isVisitFromElsewhere(request)) {
      // The browser has kept the cookies back that would show who it is: a page of ours that loads
      // the same address again gets them.
      write(response, "text/html", AGAIN);
      return;
    }
    String next = Requests.path(request);
    String query =
        next.equals("/") ? "" : "?next=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
    String login = request.getContextPath() + "/login";
    if (PARTIAL.equals(request.getHeader("Faces-Request"))) {
      // A script would follow a 302 and find a page where it expects parts.
      String url = login + query + (query.isEmpty() ? "?" : "&amp;") + "expired";
      write(
          response,
          "text/xml",
          "<?xml version='1.0' encoding='UTF-8'?>\n<partial-response><redirect url=\"%s\"/></partial-response>"
              .formatted(url));
    } else {
      response.setStatus(HttpServletResponse.SC_FOUND);
      response.setHeader("Location", login + query);
      response.flushBuffer();
    }
  }

  private static void write(HttpServletResponse response, String type, String text)
      throws IOException {
    response.setContentType(type);
    response.setCharacterEncoding("UTF-8");
    response.getWriter().write(text);
    response.flushBuffer();
  }
}

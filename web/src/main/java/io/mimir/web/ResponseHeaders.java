package io.mimir.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/** The headers that tell browsers to be careful (T64), and how long an answer may be kept. */
public final class ResponseHeaders {

  private ResponseHeaders() {}

  /**
   * Sets what every answer carries; also called where an answer is given before any filter runs.
   */
  public static void set(HttpServletRequest request, HttpServletResponse response) {
    response.setHeader("X-Request-Id", Requests.id(request));
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
    if (Requests.isForPrograms(request)) {
      response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }
    if (isAsset(request)) {
      response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
    } else if (!isResource(request)) {
      response.setHeader("Cache-Control", "no-store");
      if (!Requests.isForPrograms(request)) {
        response.setHeader("Vary", "Accept-Language, Cookie");
      }
    }
  }

  /** Addresses of assets carry a digest of their content: a new content has a new address. */
  private static boolean isAsset(HttpServletRequest request) {
    return Requests.path(request).startsWith("/assets/") && request.getParameter("v") != null;
  }

  private static boolean isResource(HttpServletRequest request) {
    return Requests.path(request).startsWith("/jakarta.faces.resource/");
  }
}

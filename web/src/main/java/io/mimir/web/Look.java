package io.mimir.web;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;

/**
 * The theme that the visitor chose, from a cookie that console.js writes: the page comes in the
 * right colours from its first byte, without a script and without a flash.
 */
@Named
@RequestScoped
public class Look {

  private static final String COOKIE = "mimir_theme";
  private static final String SYSTEM = "system";
  private static final Set<String> THEMES = Set.of("light", "dark", SYSTEM);

  @Inject HttpServletRequest request;

  /** One of {@code light}, {@code dark} and {@code system}. */
  public String getTheme() {
    if (request.getCookies() != null) {
      for (Cookie cookie : request.getCookies()) {
        if (cookie.getName().equals(COOKIE) && THEMES.contains(cookie.getValue())) {
          return cookie.getValue();
        }
      }
    }
    return SYSTEM;
  }
}

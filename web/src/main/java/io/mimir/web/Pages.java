package io.mimir.web;

import io.mimir.credential.service.KeyRing;
import io.mimir.security.Role;
import io.mimir.security.web.Caller;
import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;

/**
 * Keeps each page at one address, the one without extension, and leads from the addresses that are
 * no page to the one that is meant for the visitor.
 */
@WebFilter(
    urlPatterns = {"", "/settings", "/errors/*", "*.xhtml"},
    asyncSupported = true)
public class Pages extends HttpFilter {

  private static final long serialVersionUID = 1L;

  @Inject transient Caller caller;
  @Inject transient KeyRing ring;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String path = Edge.path(request);
    if (path.equals("/") || path.equals("/settings")) {
      response.sendRedirect(request.getContextPath() + home(path));
    } else if (path.startsWith("/errors/")
        || (path.endsWith(".xhtml") && !path.startsWith("/jakarta.faces.resource/"))) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
    } else {
      chain.doFilter(request, response);
    }
  }

  private String home(String path) {
    Set<String> groups = caller.identity().groups();
    boolean settings = path.equals("/settings");
    if (groups.contains(Role.ADMIN)) {
      return settings || ring.models().isEmpty() ? "/settings/api-keys" : "/chat";
    }
    if (groups.contains(Role.USER) && !settings) {
      return "/chat";
    }
    return groups.contains(Role.AUDITOR) ? "/settings/audit" : "/account";
  }
}

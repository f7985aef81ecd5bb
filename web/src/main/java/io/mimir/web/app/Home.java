package io.mimir.web.app;

import io.mimir.credential.service.ModelCatalog;
import io.mimir.security.Role;
import io.mimir.security.web.Caller;
import io.mimir.web.Requests;
import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;

/**
 * Leads from the addresses that are no page to the one that is meant for the visitor. The root is
 * mapped, and so the server never goes looking for a welcome file, whose name would then be the
 * path of the request.
 */
@WebServlet({"", "/settings"})
public class Home extends HttpServlet {

  private static final long serialVersionUID = 1L;

  @Inject transient Caller caller;
  @Inject transient ModelCatalog catalog;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.sendRedirect(
        request.getContextPath() + home(Requests.path(request).equals("/settings")));
  }

  private String home(boolean settings) {
    Set<String> groups = caller.identity().groups();
    if (groups.contains(Role.ADMIN)) {
      return settings || catalog.models().isEmpty() ? "/settings/api-keys" : "/chat";
    }
    if (groups.contains(Role.USER) && !settings) {
      return "/chat";
    }
    return groups.contains(Role.AUDITOR) ? "/settings/audit" : "/account";
  }
}

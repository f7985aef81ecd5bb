package io.mimir.security.web;

import io.mimir.security.Role;
import io.mimir.web.Texts;
import jakarta.enterprise.context.RequestScoped;
import jakarta.faces.context.ExternalContext;
import jakarta.faces.context.FacesContext;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.stream.Collectors;

/** The person who looks at the page. */
@Named
@RequestScoped
public class CurrentUser {

  @Inject Caller caller;

  public String getId() {
    return caller.identity().accountId();
  }

  public String getName() {
    return caller.identity().username();
  }

  /** The roles in words. */
  public String getRoles() {
    return caller.identity().roles().stream()
        .map(role -> Texts.of("role." + role))
        .collect(Collectors.joining(", "));
  }

  public boolean isAdmin() {
    return may(Role.ADMIN);
  }

  public boolean isAuditor() {
    return may(Role.AUDITOR);
  }

  public boolean isUser() {
    return may(Role.USER);
  }

  private boolean may(String role) {
    return caller.isKnown() && caller.identity().groups().contains(role);
  }

  /** Ends the session and leads to the sign-in page. */
  public void signOut() throws IOException, ServletException {
    ExternalContext external = FacesContext.getCurrentInstance().getExternalContext();
    ((HttpServletRequest) external.getRequest()).logout();
    external.redirect(external.getRequestContextPath() + "/login");
  }
}

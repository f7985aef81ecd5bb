package io.mimir.security.web;

import io.mimir.security.Secret;
import io.mimir.security.service.Setup;
import io.mimir.web.Problems;
import io.mimir.web.Sent;
import io.mimir.web.Texts;
import jakarta.enterprise.context.RequestScoped;
import jakarta.faces.context.ExternalContext;
import jakarta.faces.context.FacesContext;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.security.enterprise.AuthenticationStatus;
import jakarta.security.enterprise.SecurityContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Backs {@code setup.xhtml}: the first administrator. Token and password are read from the request
 * and held nowhere.
 */
@Named
@RequestScoped
public class SetupBacking {

  @Inject Setup setup;
  @Inject SecurityContext security;
  @Inject Problems problems;

  private String username;

  public boolean isOpen() {
    return setup.isOpen();
  }

  /** Makes the administrator, signs in, and leads to the first key. */
  public void complete() throws IOException {
    ExternalContext external = FacesContext.getCurrentInstance().getExternalContext();
    String password = Sent.text("password");
    if (!password.equals(Sent.text("repeat"))) {
      problems.add("repeat", Texts.of("password.differs"));
      return;
    }
    Object account =
        problems.attempt(
            () ->
                setup.complete(
                    Secret.of(Sent.text("token").strip()), username, Secret.of(password)));
    if (account == null) {
      return;
    }
    AuthenticationStatus status =
        LoginBacking.enter(
            security,
            (HttpServletRequest) external.getRequest(),
            (HttpServletResponse) external.getResponse(),
            username,
            password);
    boolean in = status == AuthenticationStatus.SUCCESS;
    external.redirect(external.getRequestContextPath() + (in ? "/settings/api-keys" : "/login"));
  }

  public String getUsername() {
    return username;
  }

  public void setUsername(String username) {
    this.username = username;
  }
}

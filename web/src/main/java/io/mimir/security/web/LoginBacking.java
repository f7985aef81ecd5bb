package io.mimir.security.web;

import static jakarta.security.enterprise.authentication.mechanism.http.AuthenticationParameters.withParams;

import io.mimir.error.ProblemException;
import io.mimir.security.service.Setup;
import io.mimir.web.Problems;
import io.mimir.web.Requests;
import io.mimir.web.Sent;
import io.mimir.web.Texts;
import jakarta.enterprise.context.RequestScoped;
import jakarta.faces.context.ExternalContext;
import jakarta.faces.context.FacesContext;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.security.enterprise.AuthenticationStatus;
import jakarta.security.enterprise.SecurityContext;
import jakarta.security.enterprise.credential.UsernamePasswordCredential;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Backs {@code login.xhtml}. The password is read from the request and held nowhere. */
@Named
@RequestScoped
public class LoginBacking {

  @Inject SecurityContext security;
  @Inject Setup setup;
  @Inject Caller caller;
  @Inject Problems problems;

  private String username;
  private String next;

  /** Who is signed in already has no business here. */
  public void leaveIfKnown() throws IOException {
    FacesContext faces = FacesContext.getCurrentInstance();
    if (caller.isKnown() && !faces.isPostback()) {
      leave(faces.getExternalContext());
    }
  }

  public void signIn() throws IOException {
    FacesContext faces = FacesContext.getCurrentInstance();
    ExternalContext external = faces.getExternalContext();
    String password = Sent.text("password");
    if (username == null || username.isBlank()) {
      problems.add("username", Texts.of("login.username.missing"));
    }
    if (password.isEmpty()) {
      problems.add("password", Texts.of("login.password.missing"));
    }
    if (!problems.isNone()) {
      return;
    }
    HttpServletRequest request = (HttpServletRequest) external.getRequest();
    AuthenticationStatus status =
        enter(security, request, (HttpServletResponse) external.getResponse(), username, password);
    if (status == AuthenticationStatus.SUCCESS) {
      leave(external);
      return;
    }
    ProblemException refusal = Authentication.problemOf(request);
    problems.take(
        refusal != null
            ? refusal
            : new ProblemException(
                io.mimir.error.Problem.UNEXPECTED, Texts.of("problem.unexpected")));
  }

  static AuthenticationStatus enter(
      SecurityContext security,
      HttpServletRequest request,
      HttpServletResponse response,
      String username,
      String password) {
    UsernamePasswordCredential credential = new UsernamePasswordCredential(username, password);
    try {
      return security.authenticate(
          request, response, withParams().credential(credential).newAuthentication(true));
    } finally {
      credential.clearCredential();
    }
  }

  private void leave(ExternalContext external) throws IOException {
    external.redirect(external.getRequestContextPath() + (Requests.isOurs(next) ? next : "/"));
  }

  /** Whether nobody can sign in yet, because there is no account. */
  public boolean isSetupOpen() {
    return setup.isOpen();
  }

  public String getUsername() {
    return username;
  }

  public void setUsername(String username) {
    this.username = username;
  }

  public String getNext() {
    return next;
  }

  public void setNext(String next) {
    this.next = next;
  }
}

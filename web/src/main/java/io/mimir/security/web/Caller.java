package io.mimir.security.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.service.Identity;
import io.mimir.security.service.SignIn;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;

/** Who is calling, for resources and pages. */
@RequestScoped
public class Caller {

  @Inject HttpServletRequest request;
  @Inject SignIn signIn;

  /**
   * @throws ProblemException UNAUTHENTICATED when nobody is known
   */
  public Identity identity() {
    Identity identity = Authentication.identityOf(request);
    if (identity == null) {
      throw new ProblemException(Problem.UNAUTHENTICATED, "Sign in first");
    }
    return identity;
  }

  public boolean isKnown() {
    return Authentication.identityOf(request) != null;
  }

  /** Lets this session go on after its own change of the password; all others end. */
  public void passwordChanged() {
    signIn
        .account(identity().accountId())
        .ifPresent(now -> UserSession.renew(request, now.credentialsSince()));
  }

  /** What scripts of our pages send with each change; null for programs. */
  public String csrfToken() {
    UserSession session = UserSession.of(request);
    return session == null ? null : session.csrf();
  }
}

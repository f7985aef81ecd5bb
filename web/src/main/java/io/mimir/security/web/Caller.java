package io.mimir.security.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.Secret;
import io.mimir.security.service.Identity;
import io.mimir.security.service.SignIn;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;

/** Who is calling, for resources and pages. */
@RequestScoped
public class Caller {

  @Inject HttpServletRequest request;
  @Inject SignIn signIn;
  @Inject Sessions sessions;
  @Inject ClientAddress address;

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

  /**
   * Has a person enter the password again, for what a session alone may not do.
   *
   * @return until when that counts
   * @throws ProblemException WRONG_PASSWORD, LOCKED_OUT, or REFUSED without a session
   */
  public Instant confirm(Secret password, HttpServletResponse response) {
    if (!Authentication.isBySession(request)) {
      throw new ProblemException(
          Problem.REFUSED, "There is no session here: Basic brings the password with each request");
    }
    signIn.confirm(identity(), password, address.of(request));
    return sessions.confirm(request, response);
  }

  /** What scripts of our pages send with each change; null for programs. */
  public String csrfToken() {
    UserSession session = UserSession.of(request);
    return session == null ? null : session.csrf();
  }
}

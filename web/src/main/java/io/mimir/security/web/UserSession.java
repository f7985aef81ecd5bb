package io.mimir.security.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;

/**
 * Who signed in with a browser.
 *
 * @param binding hash of the second cookie, in hex: the server's own session ids carry too few
 *     random bits
 * @param csrf what scripts of our pages send with each change
 * @param since the age of the credentials at sign-in: a newer password ends the session
 * @param confirmedAt when the password was entered again, or null
 */
record UserSession(
    String accountId,
    Instant signedInAt,
    String binding,
    String csrf,
    Instant since,
    Instant confirmedAt)
    implements Serializable {

  private static final long serialVersionUID = 2L;

  /** How long a password that was entered again counts. */
  static final Duration CONFIRMED = Duration.ofMinutes(5);

  private static final String ATTRIBUTE = "mimir.session";

  static UserSession of(HttpServletRequest request) {
    HttpSession session = request.getSession(false);
    return session == null ? null : (UserSession) session.getAttribute(ATTRIBUTE);
  }

  /** Lets the session of this request go on with credentials that it has just changed itself. */
  static void renew(HttpServletRequest request, Instant since) {
    UserSession before = of(request);
    if (before != null) {
      new UserSession(before.accountId, before.signedInAt, before.binding, before.csrf, since, null)
          .bindTo(request.getSession());
    }
  }

  UserSession confirmed(Instant now) {
    return new UserSession(accountId, signedInAt, binding, csrf, since, now);
  }

  UserSession boundBy(String hash) {
    return new UserSession(accountId, signedInAt, hash, csrf, since, confirmedAt);
  }

  Instant confirmedUntil() {
    return confirmedAt == null ? Instant.MIN : confirmedAt.plus(CONFIRMED);
  }

  /** Signing in is no confirmation: a browser that is left alone has signed in as well. */
  boolean isConfirmed(Instant now) {
    return now.isBefore(confirmedUntil());
  }

  void bindTo(HttpSession session) {
    session.setAttribute(ATTRIBUTE, this);
  }

  @Override
  public String toString() {
    return "UserSession[" + accountId + "]";
  }
}

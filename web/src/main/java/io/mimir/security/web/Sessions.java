package io.mimir.security.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.id.Ids;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.service.Identity;
import io.mimir.security.service.SignIn;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Sessions of browsers. Each has two cookies, since the server's own session ids carry too few
 * random bits, and both are new whenever a password was entered: copies of the old ones are worth
 * nothing from then on.
 */
@ApplicationScoped
public class Sessions {

  private static final String BINDING_COOKIE = "mimir_session";
  private static final Duration MAX_SESSION = Duration.ofHours(8);

  /** 43 characters of base62 carry 256 bits. */
  private static final int RANDOM_LENGTH = 43;

  @Inject SignIn signIn;
  @Inject Vault vault;
  @Inject SecurityConfig config;

  /** Begins a session for who has just signed in. */
  void open(HttpServletRequest request, HttpServletResponse response, Identity identity) {
    request.getSession(true);
    UserSession session =
        new UserSession(
            identity.accountId(),
            Instant.now(),
            "",
            Ids.base62(RANDOM_LENGTH),
            identity.credentialsSince(),
            null);
    renew(request, response, session);
  }

  /**
   * Notes that the password was entered again in the session of this request.
   *
   * @return until when that counts
   * @throws ProblemException UNAUTHENTICATED when the session was ended meanwhile
   */
  Instant confirm(HttpServletRequest request, HttpServletResponse response) {
    UserSession session = UserSession.of(request);
    if (session == null) {
      throw new ProblemException(Problem.UNAUTHENTICATED, "Sign in first");
    }
    UserSession confirmed = session.confirmed(Instant.now());
    renew(request, response, confirmed);
    return confirmed.confirmedUntil();
  }

  /** A new session id, and a new second cookie that only this session accepts. */
  private void renew(
      HttpServletRequest request, HttpServletResponse response, UserSession session) {
    request.changeSessionId();
    String binding = Ids.base62(RANDOM_LENGTH);
    session.boundBy(hash(binding)).bindTo(request.getSession());
    response.addCookie(cookie(request, binding, -1));
  }

  private Cookie cookie(HttpServletRequest request, String value, int maxAge) {
    Cookie cookie = new Cookie(BINDING_COOKIE, value);
    cookie.setPath(request.getContextPath() + "/");
    cookie.setHttpOnly(true);
    cookie.setSecure(config.secureCookies());
    cookie.setAttribute("SameSite", "Strict");
    cookie.setMaxAge(maxAge);
    return cookie;
  }

  private String hash(String binding) {
    return HexFormat.of().formatHex(vault.mac("session", Secret.of(binding)));
  }

  /** Who is signed in with this browser, or null. */
  Identity identity(HttpServletRequest request) {
    UserSession session = UserSession.of(request);
    if (session == null || !isBound(session, request)) {
      // Whoever has one of two cookies is not signed in, and ends nobody's session.
      return null;
    }
    Identity identity = signIn.account(session.accountId()).orElse(null);
    boolean over = Instant.now().isAfter(session.signedInAt().plus(MAX_SESSION));
    if (over || identity == null || identity.credentialsSince().isAfter(session.since())) {
      request.getSession().invalidate();
      return null;
    }
    return identity;
  }

  private boolean isBound(UserSession session, HttpServletRequest request) {
    if (request.getCookies() == null) {
      return false;
    }
    return Arrays.stream(request.getCookies())
        .filter(cookie -> cookie.getName().equals(BINDING_COOKIE))
        .anyMatch(
            cookie ->
                MessageDigest.isEqual(
                    hash(cookie.getValue()).getBytes(StandardCharsets.US_ASCII),
                    session.binding().getBytes(StandardCharsets.US_ASCII)));
  }

  /** Whether the password was entered again a few minutes ago. */
  static boolean isConfirmed(HttpServletRequest request) {
    UserSession session = UserSession.of(request);
    return session != null && session.isConfirmed(Instant.now());
  }

  /** Whether a request that changes something comes from a page of ours. */
  static boolean hasCsrfToken(HttpServletRequest request, String sent) {
    UserSession session = UserSession.of(request);
    return sent != null
        && session != null
        && MessageDigest.isEqual(
            sent.getBytes(StandardCharsets.UTF_8), session.csrf().getBytes(StandardCharsets.UTF_8));
  }

  void end(HttpServletRequest request, HttpServletResponse response) {
    HttpSession session = request.getSession(false);
    if (session != null) {
      session.invalidate();
    }
    response.addCookie(cookie(request, "", 0));
  }
}

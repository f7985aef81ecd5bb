package io.mimir.security.web;

import static jakarta.security.enterprise.AuthenticationStatus.SEND_CONTINUE;
import static jakarta.security.enterprise.AuthenticationStatus.SEND_FAILURE;

import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.audit.service.RequestOrigin;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.id.CurrentRequest;
import io.mimir.metrics.service.HttpMetrics;
import io.mimir.security.Secret;
import io.mimir.security.service.Authority;
import io.mimir.security.service.Identity;
import io.mimir.security.service.LocalOperator;
import io.mimir.security.service.SignIn;
import io.mimir.web.ProblemDetail;
import io.mimir.web.ProblemMapper;
import io.mimir.web.Requests;
import io.mimir.web.ResponseHeaders;
import io.mimir.web.UnknownAddress;
import jakarta.ejb.EJBException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.security.enterprise.AuthenticationException;
import jakarta.security.enterprise.AuthenticationStatus;
import jakarta.security.enterprise.authentication.mechanism.http.HttpAuthenticationMechanism;
import jakarta.security.enterprise.authentication.mechanism.http.HttpMessageContext;
import jakarta.security.enterprise.credential.UsernamePasswordCredential;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Finds out who is calling and whether the caller may go there: Basic and tokens for the API, a
 * session for pages and their scripts. It writes its own refusals, because the server's are HTML.
 */
@ApplicationScoped
public class Authentication implements HttpAuthenticationMechanism {

  private static final String AUTHORIZATION = "Authorization";
  private static final String BY_SESSION = "mimir.bySession";
  private static final String IDENTITY = "mimir.identity";
  private static final String PROBLEM = "mimir.login.problem";
  private static final String CSRF_HEADER = "X-CSRF-Token";

  @Inject SignIn signIn;
  @Inject LocalOperator operator;
  @Inject Sessions sessions;
  @Inject Authority authority;
  @Inject SecurityConfig config;
  @Inject ClientAddress clientAddress;
  @Inject RequestOrigin origin;
  @Inject HttpMetrics metrics;
  @Inject AuditLog audit;

  @Override
  public AuthenticationStatus validateRequest(
      HttpServletRequest request, HttpServletResponse response, HttpMessageContext context)
      throws AuthenticationException {
    if (Requests.isGateway(request)) {
      // It knows tokens only, and says no in its clients' protocols.
      return context.doNothing();
    }
    if (!Requests.isPlain(request)) {
      return crooked(response);
    }
    if (UnknownAddress.isCalled(request)) {
      return unknown(request, response);
    }
    // This runs before any filter, and what is refused here is audited and logged as well.
    origin.set(clientAddress.of(request), Requests.id(request));
    String before = CurrentRequest.enter(Requests.id(request));
    long begun = System.nanoTime();
    try {
      if (context.isAuthenticationRequest()
          && context.getAuthParameters().getCredential()
              instanceof UsernamePasswordCredential login) {
        return signIn(request, response, context, login);
      }
      AuthenticationStatus verdict = admit(request, response, context);
      if (response.isCommitted()) {
        // Turned away here: nobody who measures comes after this.
        metrics
            .of(Requests.pattern(request))
            .record(request.getMethod(), response.getStatus(), System.nanoTime() - begun);
      }
      return verdict;
    } catch (EJBException e) {
      // Left alone, the server would answer with an empty 500 and a stack trace of its own.
      return failed(request, response, e);
    } catch (IOException e) {
      throw new AuthenticationException("The answer could not be written", e);
    } finally {
      CurrentRequest.enter(before);
    }
  }

  /** No client writes such an address; whoever does is told so without a page. */
  private static AuthenticationStatus crooked(HttpServletResponse response)
      throws AuthenticationException {
    response.setStatus(HttpServletResponse.SC_BAD_REQUEST);
    response.setContentType("text/plain");
    try {
      response
          .getOutputStream()
          .write(
              "Write the address without dots and semicolons\n"
                  .getBytes(StandardCharsets.US_ASCII));
      response.flushBuffer();
    } catch (IOException e) {
      throw new AuthenticationException("The answer could not be written", e);
    }
    return SEND_FAILURE;
  }

  /** Before anybody is asked to sign in: a program would follow that to a page. */
  private AuthenticationStatus unknown(HttpServletRequest request, HttpServletResponse response)
      throws AuthenticationException {
    ResponseHeaders.set(request, response);
    try {
      UnknownAddress.answer(request, response, config.baseUrl(request));
    } catch (IOException e) {
      throw new AuthenticationException("The answer could not be written", e);
    }
    return SEND_FAILURE;
  }

  private static AuthenticationStatus failed(
      HttpServletRequest request, HttpServletResponse response, RuntimeException e)
      throws AuthenticationException {
    try {
      return refuse(request, response, ProblemMapper.problemOf(e));
    } catch (IOException io) {
      throw new AuthenticationException("The answer could not be written", io);
    }
  }

  private AuthenticationStatus signIn(
      HttpServletRequest request,
      HttpServletResponse response,
      HttpMessageContext context,
      UsernamePasswordCredential login) {
    try (Secret password = Secret.taking(login.getPassword().getValue().clone())) {
      Identity identity =
          signIn.withPassword(login.getCaller(), password, clientAddress.of(request));
      sessions.open(request, response, identity);
      audit.write(identity.username(), "login", null, Outcome.SUCCESS);
      return let(request, context, identity, false);
    } catch (ProblemException e) {
      request.setAttribute(PROBLEM, e);
      return SEND_FAILURE;
    }
  }

  private AuthenticationStatus admit(
      HttpServletRequest request, HttpServletResponse response, HttpMessageContext context)
      throws IOException {
    Access access = Access.of(request.getMethod(), Requests.path(request));
    boolean bySession = !bringsCredentials(request);
    Identity identity;
    try {
      identity = bySession ? fromSession(request, access) : fromHeader(request);
    } catch (ProblemException e) {
      return refuse(request, response, e);
    }
    if (identity == null) {
      return access == Access.PUBLIC ? context.doNothing() : askToSignIn(request, response);
    }
    if (!access.allows(identity.groups())) {
      audit.write(identity.username(), "access", Requests.path(request), Outcome.DENIED);
      return refuse(
          request,
          response,
          new ProblemException(
              Problem.FORBIDDEN, "Your roles or the token's scopes do not allow this"));
    }
    request.setAttribute(BY_SESSION, bySession);
    return let(request, context, identity, !bySession || Sessions.isConfirmed(request));
  }

  /**
   * @param passwordEntered with this request, or in this session a few minutes ago; it counts for
   *     people only
   */
  private AuthenticationStatus let(
      HttpServletRequest request,
      HttpMessageContext context,
      Identity identity,
      boolean passwordEntered) {
    request.setAttribute(IDENTITY, identity);
    authority.set(identity, passwordEntered);
    return context.notifyContainerAboutLogin(identity.username(), identity.groups());
  }

  private static boolean bringsCredentials(HttpServletRequest request) {
    return request.getHeader(AUTHORIZATION) != null && Requests.isForPrograms(request);
  }

  /** The person who is signed in, or null. */
  private Identity fromSession(HttpServletRequest request, Access access) {
    Identity identity = sessions.identity(request);
    if (identity != null
        && Requests.isApi(request)
        && access != Access.PUBLIC
        && !Access.isSafe(request.getMethod())
        && !Sessions.hasCsrfToken(request, request.getHeader(CSRF_HEADER))) {
      throw new ProblemException(
          Problem.CSRF, "Send X-CSRF-Token with the csrf_token of GET /api/v1/session");
    }
    return identity;
  }

  private Identity fromHeader(HttpServletRequest request) {
    String[] parts = request.getHeader(AUTHORIZATION).split(" ", 2);
    String value = parts.length == 2 ? parts[1].strip() : "";
    return switch (parts[0].toLowerCase(java.util.Locale.ROOT)) {
      case "bearer" -> {
        try (Secret token = Secret.of(value)) {
          yield operator
              .withToken(token)
              .or(() -> signIn.withToken(token))
              .orElseThrow(Authentication::wrongToken);
        }
      }
      case "basic" -> basic(value, request);
      default ->
          throw new ProblemException(
              Problem.UNAUTHENTICATED, "Use Authorization: Bearer with a token, or Basic");
    };
  }

  private static ProblemException wrongToken() {
    return new ProblemException(
        Problem.UNAUTHENTICATED, "This token is unknown, revoked or expired: make a new one");
  }

  private Identity basic(String value, HttpServletRequest request) {
    byte[] decoded;
    try {
      decoded = Base64.getDecoder().decode(value);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(decoded)).toString();
      int colon = text.indexOf(':');
      if (colon > 0) {
        try (Secret password = Secret.of(text.substring(colon + 1))) {
          return signIn.withBasic(text.substring(0, colon), password, clientAddress.of(request));
        } finally {
          Arrays.fill(decoded, (byte) 0);
        }
      }
    } catch (IllegalArgumentException | CharacterCodingException e) {
      // Not Base64 or not UTF-8: answered below, without a word of what was sent.
    }
    throw new ProblemException(
        Problem.UNAUTHENTICATED, "Basic takes the Base64 of user name, colon and password");
  }

  private AuthenticationStatus askToSignIn(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (Requests.isForPrograms(request)) {
      return refuse(
          request,
          response,
          new ProblemException(
              Problem.UNAUTHENTICATED, "Send Authorization: Bearer with a token, or Basic"));
    }
    SignInPrompt.answer(request, response);
    return SEND_CONTINUE;
  }

  private static AuthenticationStatus refuse(
      HttpServletRequest request, HttpServletResponse response, ProblemException e)
      throws IOException {
    ResponseHeaders.set(request, response);
    if (!Requests.isForPrograms(request)) {
      response.sendError(e.problem().status());
      return SEND_FAILURE;
    }
    if (e.problem() == Problem.UNAUTHENTICATED) {
      response.setHeader("WWW-Authenticate", "Bearer realm=\"Mimir\"");
    }
    ProblemDetail.of(e, Requests.id(request)).write(response, e.retryAfter().orElse(null));
    return SEND_FAILURE;
  }

  @Override
  public void cleanSubject(
      HttpServletRequest request, HttpServletResponse response, HttpMessageContext context) {
    Identity identity = identityOf(request);
    if (identity != null) {
      audit.write(identity.username(), "logout", null, Outcome.SUCCESS);
    }
    sessions.end(request, response);
    context.cleanClientSubject();
  }

  /** Whether the caller is known by a session, and not by what the request itself brings. */
  static boolean isBySession(HttpServletRequest request) {
    return Boolean.TRUE.equals(request.getAttribute(BY_SESSION));
  }

  static Identity identityOf(HttpServletRequest request) {
    return (Identity) request.getAttribute(IDENTITY);
  }

  /** Why the last sign-in of this request failed, or null. */
  public static ProblemException problemOf(HttpServletRequest request) {
    return (ProblemException) request.getAttribute(PROBLEM);
  }
}

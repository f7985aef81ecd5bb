package io.mimir.gateway.web;

import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.audit.service.RequestOrigin;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.gateway.service.ClientProtocol;
import io.mimir.security.Scope;
import io.mimir.security.Secret;
import io.mimir.security.service.Identity;
import io.mimir.security.service.SignIn;
import io.mimir.security.web.ClientAddress;
import io.mimir.web.Requests;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.control.RequestContextController;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;

/**
 * The callers of the gateway. They bring an access token of ours where they would bring a
 * provider's key: as a Bearer, in Anthropic's {@code x-api-key} or in Azure's {@code api-key}.
 */
@ApplicationScoped
public class GatewayCallers {

  private static final String GATEWAY = "scope:" + Scope.GATEWAY.wire();

  @Inject SignIn signIn;
  @Inject RequestOrigin origin;
  @Inject RequestContextController scope;
  @Inject ClientAddress clientAddress;
  @Inject AuditLog audit;

  /**
   * Finds out who is calling.
   *
   * @throws ProblemException UNAUTHENTICATED without a valid token; FORBIDDEN, and written to the
   *     audit log, when it is not for the gateway
   */
  public Identity caller(HttpServletRequest request, ClientProtocol family) {
    Identity caller = identity(request, family);
    if (!caller.groups().contains(GATEWAY)) {
      denied(request, caller);
      throw new ProblemException(
          Problem.FORBIDDEN, "This token has not the scope gateway: make one that has");
    }
    return caller;
  }

  private Identity identity(HttpServletRequest request, ClientProtocol family) {
    String text = token(request, family);
    if (text == null) {
      throw new ProblemException(
          Problem.UNAUTHENTICATED,
          "Send an access token of Mimir as the API key: Authorization: Bearer mimir_…");
    }
    try (Secret token = Secret.of(text)) {
      return signIn
          .withToken(token)
          .orElseThrow(
              () ->
                  new ProblemException(
                      Problem.UNAUTHENTICATED,
                      "This token is unknown, revoked or expired: make a new one"));
    }
  }

  private static String token(HttpServletRequest request, ClientProtocol family) {
    String authorization = request.getHeader("Authorization");
    if (authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return authorization.substring(7).strip();
    }
    String key =
        switch (family) {
          case ANTHROPIC -> request.getHeader("x-api-key");
          case OPENAI -> request.getHeader("api-key");
          case OLLAMA -> null;
        };
    return key == null ? null : key.strip();
  }

  /** Calls of the gateway have no scope of a request; what is audited needs to know where from. */
  private void denied(HttpServletRequest request, Identity caller) {
    boolean begun = scope.activate();
    try {
      origin.set(clientAddress.of(request), Requests.id(request));
      audit.write(caller.username(), "access", Requests.path(request), Outcome.DENIED);
    } finally {
      if (begun) {
        scope.deactivate();
      }
    }
  }
}

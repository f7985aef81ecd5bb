package io.mimir.security.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.mimir.security.AccessToken;
import io.mimir.security.service.AccessTokens.Issued;
import io.mimir.security.service.SignIn;
import java.time.Instant;
import java.util.List;

/**
 * What a client sees of a token.
 *
 * @param token its text, in the answer that made it and never again
 */
public record AccessTokenView(
    String id,
    @JsonInclude(JsonInclude.Include.NON_NULL) String token,
    String name,
    String hint,
    List<String> scopes,
    List<String> models,
    Integer requestsPerMinute,
    boolean strict,
    String owner,
    Instant createdAt,
    Instant expiresAt,
    Instant lastUsedAt,
    Instant revokedAt) {

  static AccessTokenView of(AccessToken token, SignIn signIn) {
    return of(token, null, signIn.lastUse(token.getId()).orElse(token.getLastUsedAt()));
  }

  static AccessTokenView of(Issued issued) {
    return of(issued.token(), issued.text().reveal(), null);
  }

  private static AccessTokenView of(AccessToken token, String text, Instant lastUsedAt) {
    return new AccessTokenView(
        token.getId(),
        text,
        token.getName(),
        token.getHint(),
        token.getScopes(),
        token.getModels(),
        token.getRequestsPerMinute(),
        token.isStrict(),
        token.getOwner().getUsername(),
        token.getCreatedAt(),
        token.getExpiresAt(),
        lastUsedAt,
        token.getRevokedAt());
  }

  @Override
  public String toString() {
    return "AccessTokenView[" + id + "]";
  }
}

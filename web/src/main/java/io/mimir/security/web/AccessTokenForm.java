package io.mimir.security.web;

import io.mimir.security.AccessToken;
import java.time.Instant;
import java.util.List;

/** A wish for an access token. */
public record AccessTokenForm(
    String name,
    List<String> scopes,
    Instant expiresAt,
    List<String> models,
    Integer requestsPerMinute,
    Boolean strict) {

  AccessToken.Wish toWish() {
    return new AccessToken.Wish(name, scopes, expiresAt, models, requestsPerMinute, strict);
  }
}

package io.mimir.credential.service;

import io.mimir.audit.Facts;
import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyMetadata;
import io.mimir.credential.RequestOptions;
import io.mimir.llm.AuthScheme;
import java.util.Set;

/** What the audit log may tell of a key. */
final class KeyFacts {

  /** What Mimir itself understands; what else stands there may be anything, a secret too. */
  private static final Set<String> METADATA =
      Set.of(
          KeyMetadata.DEFAULT_MODEL,
          KeyMetadata.AVAILABLE_MODELS,
          KeyMetadata.TIMEOUT_SECONDS,
          KeyMetadata.RATE_LIMIT,
          KeyMetadata.TOKENS_PER_MINUTE,
          KeyMetadata.MAX_CONCURRENT,
          KeyMetadata.MONTHLY_TOKENS,
          KeyMetadata.ALLOWED_MODELS,
          KeyMetadata.MAX_TOKENS);

  private KeyFacts() {}

  static Facts of(ApiKey key) {
    RequestOptions request = key.getRequest();
    Facts facts =
        new Facts()
            .tell("provider", key.getProvider().wire())
            .tell("name", key.getName())
            .tell("endpoint_url", key.getEndpointUrl())
            .tell("is_active", key.isActive())
            .tell("priority", key.routing().priority())
            .tell("weight", key.routing().weight())
            .tell("expires_at", key.getExpiresAt())
            .tell("auth", request.auth().map(AuthScheme::toString).orElse(null));
    if (!request.headerNames().isEmpty()) {
      facts.tell("headers", request.headerNames());
    }
    // Their values may be anything, and auditors do not see keys.
    request.query().forEach((name, value) -> facts.secret("query." + name, value));
    key.getMetadata()
        .members()
        .forEach(
            (name, value) -> {
              if (METADATA.contains(name)) {
                facts.tell("metadata." + name, value);
              } else {
                facts.secret("metadata." + name, String.valueOf(value));
              }
            });
    return facts;
  }
}

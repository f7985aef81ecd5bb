package io.mimir.credential.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.mimir.credential.ApiKey;
import io.mimir.credential.LastTest;
import io.mimir.credential.service.KeyRing;
import io.mimir.llm.Provider;
import java.time.Instant;
import java.util.Map;

/**
 * What a client sees of a key. There is no member for the secret, so none can leak.
 *
 * @param message what was done; absent where nothing was
 */
public record ApiKeyView(
    String id,
    Provider provider,
    String name,
    String keyHint,
    boolean hasKey,
    String endpointUrl,
    boolean isActive,
    Instant createdAt,
    Instant updatedAt,
    Instant lastUsedAt,
    Map<String, Object> metadata,
    String status,
    LastTest lastTest,
    String createdBy,
    @JsonInclude(JsonInclude.Include.NON_NULL) String message) {

  static ApiKeyView of(ApiKey key, KeyRing ring, String message) {
    return new ApiKeyView(
        key.getId(),
        key.getProvider(),
        key.getName(),
        key.getHint(),
        key.hasSecret(),
        key.getEndpointUrl(),
        key.isActive(),
        key.getCreatedAt(),
        key.getUpdatedAt(),
        ring.lastUse(key).orElse(null),
        key.getMetadata().members(),
        ring.statusOf(key).wire(),
        key.getLastTest().orElse(null),
        key.getCreatedBy(),
        message);
  }
}

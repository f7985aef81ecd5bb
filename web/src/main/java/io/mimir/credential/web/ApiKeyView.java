package io.mimir.credential.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.mimir.credential.ApiKey;
import io.mimir.credential.LastTest;
import io.mimir.credential.service.KeyStatusReader;
import io.mimir.credential.service.RotationTrials;
import io.mimir.llm.Provider;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a client sees of a key. There is no member for the secret, so none can leak.
 *
 * @param rotation null unless a replacement of the secret is being tried
 * @param headers the names of the key's own headers; their values are null
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
    int priority,
    int weight,
    Rotation rotation,
    @JsonInclude(content = JsonInclude.Include.ALWAYS) Map<String, String> headers,
    Map<String, String> query,
    String auth,
    Instant expiresAt,
    @JsonInclude(JsonInclude.Include.NON_NULL) String message) {

  /**
   * A replacement that is being tried.
   *
   * @param share how many of a hundred calls are made with it
   * @param calls how many have to succeed
   */
  public record Rotation(
      String keyHint,
      int share,
      int calls,
      Instant since,
      String by,
      int callsOk,
      int callsFailed) {

    static Rotation of(ApiKey key, RotationTrials trials) {
      return key.candidate()
          .map(
              candidate ->
                  new Rotation(
                      candidate.hint(),
                      candidate.share(),
                      candidate.calls(),
                      candidate.since(),
                      candidate.by(),
                      trials.ok(key.getId()),
                      trials.failures(key.getId())))
          .orElse(null);
    }
  }

  static ApiKeyView of(
      ApiKey key, KeyStatusReader statuses, RotationTrials trials, String message) {
    return new ApiKeyView(
        key.getId(),
        key.getProvider(),
        key.getName(),
        key.secret().hint(),
        key.secret().isGiven(),
        key.getEndpointUrl(),
        key.isActive(),
        key.history().createdAt(),
        key.history().updatedAt(),
        statuses.lastUse(key).orElse(null),
        key.getMetadata().members(),
        statuses.statusOf(key).wire(),
        key.getLastTest().orElse(null),
        key.history().createdBy(),
        key.routing().priority(),
        key.routing().weight(),
        Rotation.of(key, trials),
        names(key),
        key.getRequest().query(),
        key.getRequest().auth().orElse(key.getProvider().descriptor().auth()).toString(),
        key.getExpiresAt(),
        message);
  }

  private static Map<String, String> names(ApiKey key) {
    Map<String, String> names = new LinkedHashMap<>();
    key.getRequest().headerNames().forEach(name -> names.put(name, null));
    return names;
  }
}

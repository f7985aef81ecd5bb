package io.mimir.credential.service;

import io.mimir.credential.KeyMetadata;
import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.llm.service.ProviderAdapter;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import io.mimir.security.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;

/** Leases of a key that nobody keeps, for the tests of those who are lent keys. */
public final class TestLeases {

  private TestLeases() {}

  /**
   * @param told gets {@code used <key id>} and {@code failed <reason>}
   */
  public static KeyLease of(
      String keyId,
      String name,
      Endpoint endpoint,
      String model,
      Secret secret,
      Duration timeout,
      Map<String, Object> metadata,
      Consumer<String> told) {
    RoutableKey key =
        new RoutableKey(
            keyId,
            name,
            ProviderAdapter.of(endpoint),
            null,
            SealedSecret.ofStored("none"),
            new SealContext("api_keys", "key_value", keyId, endpoint.provider().wire(), "default"),
            null,
            KeyMetadata.EMPTY.merge(metadata),
            ModelOffer.unknown(java.util.List.of()),
            false,
            50,
            1,
            timeout,
            Integer.MAX_VALUE,
            Long.MAX_VALUE,
            Integer.MAX_VALUE,
            Long.MAX_VALUE,
            null,
            Instant.MAX,
            new KeyRuntime());
    LeaseBook book =
        new LeaseBook() {
          @Override
          public void accepted(RoutableKey lent, String asked, boolean candidate) {
            told.accept("used " + lent.id());
          }

          @Override
          public void answered(RoutableKey lent, long tokens) {}

          @Override
          public void failed(
              RoutableKey lent,
              String asked,
              boolean candidate,
              int question,
              LlmException failure) {
            told.accept("failed " + failure.reason());
          }
        };
    return new KeyLease(book, key, model, secret, Secret.of(""), false, 0);
  }
}

package io.mimir.credential;

import static java.util.Objects.requireNonNull;

import io.mimir.llm.Endpoint;
import io.mimir.security.Secret;
import java.time.Duration;

/**
 * A key on loan for one call. Closing it wipes the secret; it is closed as soon as the request is
 * on its way.
 *
 * @param model the provider's own id of the model that was asked for
 * @param timeout how long the call may take
 * @param maxTokens how long an answer may get where nobody says it; null where the provider need
 *     not be told
 */
public record Lease(
    String keyId,
    String keyName,
    Endpoint endpoint,
    String model,
    Secret secret,
    Duration timeout,
    Integer maxTokens)
    implements AutoCloseable {

  public Lease {
    requireNonNull(keyId);
    requireNonNull(keyName);
    requireNonNull(endpoint);
    requireNonNull(model);
    requireNonNull(secret);
    requireNonNull(timeout);
  }

  @Override
  public void close() {
    secret.close();
  }
}

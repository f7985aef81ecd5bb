package io.mimir.credential.service;

import io.mimir.credential.Candidate;
import io.mimir.credential.KeyMetadata;
import io.mimir.credential.RequestOptions.SealedHeaders;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.llm.service.ProviderAdapter;
import io.mimir.net.service.UpstreamRoute;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import java.time.Duration;
import java.time.Instant;

/**
 * A key as calls need it: what was read from its metadata once is not looked up again.
 *
 * @param headers those of its own, or null
 * @param offer the models that it serves
 * @param atHome whether its endpoint is the provider's own: what a name tells of a provider holds
 *     there and nowhere else
 * @param requestsPerMinute {@link Integer#MAX_VALUE} for no limit, and so on
 * @param candidate the secret that is being tried, or null
 * @param expiresAt {@link Instant#MAX} for never
 */
public record RoutableKey(
    String id,
    String name,
    ProviderAdapter adapter,
    UpstreamRoute route,
    SealedSecret sealed,
    SealContext context,
    SealedHeaders headers,
    KeyMetadata metadata,
    ModelOffer offer,
    boolean atHome,
    int priority,
    int weight,
    Duration timeout,
    int requestsPerMinute,
    long tokensPerMinute,
    int maxConcurrent,
    long monthlyTokens,
    Candidate candidate,
    Instant expiresAt,
    KeyRuntime runtime) {

  Endpoint endpoint() {
    return adapter.endpoint();
  }

  Provider provider() {
    return endpoint().provider();
  }

  /** Opens the headers of its own, joined; empty for none. */
  Secret openHeaders(Vault vault) {
    return headers == null ? Secret.of("") : vault.open(headers.sealed(), headers.context());
  }

  /** The model as the endpoint spells it: as it was asked for where the key's list is not known. */
  String spelling(String model) {
    String known = offer.spelling(model);
    return known == null ? model : known;
  }
}

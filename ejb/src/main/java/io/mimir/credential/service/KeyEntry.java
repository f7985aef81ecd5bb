package io.mimir.credential.service;

import io.mimir.credential.Candidate;
import io.mimir.credential.KeyMetadata;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.net.service.UpstreamRoute;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import java.time.Duration;
import java.util.Set;

/**
 * A key as calls need it: what was read from its metadata once is not looked up again.
 *
 * @param models the models that the key names; empty where nothing is known
 * @param confined whether it serves these only
 * @param requestsPerMinute {@link Integer#MAX_VALUE} for no limit, and so on
 * @param candidate the secret that is being tried, or null
 */
record KeyEntry(
    String id,
    String name,
    Endpoint endpoint,
    UpstreamRoute route,
    SealedSecret sealed,
    SealContext context,
    KeyMetadata metadata,
    Set<String> models,
    boolean confined,
    int priority,
    int weight,
    Duration timeout,
    int requestsPerMinute,
    long tokensPerMinute,
    int maxConcurrent,
    long monthlyTokens,
    Candidate candidate,
    KeyState state) {

  Provider provider() {
    return endpoint.provider();
  }

  boolean serves(String model) {
    return models.contains(model);
  }
}

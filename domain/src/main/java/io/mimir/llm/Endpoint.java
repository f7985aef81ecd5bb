package io.mimir.llm;

import static java.util.Objects.requireNonNull;

import io.mimir.net.EndpointUrl;

/**
 * Where to call and which protocol to speak there.
 *
 * @param url the base, normalised
 */
public record Endpoint(Provider provider, EndpointUrl url) {

  public Endpoint {
    requireNonNull(provider);
    requireNonNull(url);
  }
}

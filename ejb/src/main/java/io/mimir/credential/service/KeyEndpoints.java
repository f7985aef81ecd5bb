package io.mimir.credential.service;

import io.mimir.credential.ApiKey;
import io.mimir.llm.Endpoint;
import io.mimir.llm.service.ProviderCatalog;
import io.mimir.net.EndpointUrl;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** Works out where the calls of a key go, and what they carry that is no secret. */
@ApplicationScoped
public class KeyEndpoints {

  @Inject ProviderCatalog catalog;

  /**
   * Returns the endpoint of a key.
   *
   * @throws io.mimir.error.ProblemException MISSING_FIELD where the key has no address and needs
   *     one
   */
  Endpoint of(ApiKey key) {
    EndpointUrl url = catalog.addressOf(key.getProvider(), key.endpoint());
    return new Endpoint(key.getProvider(), url, key.optionsFor(url));
  }
}

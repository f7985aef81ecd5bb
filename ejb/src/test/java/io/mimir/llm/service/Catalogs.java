package io.mimir.llm.service;

import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import java.util.Optional;

/** A catalogue of providers for tests. */
public final class Catalogs {

  private Catalogs() {}

  /** One in which every provider is at its usual address. */
  public static ProviderCatalog usual() {
    return new ProviderCatalog() {
      @Override
      public Optional<EndpointUrl> standard(Provider provider) {
        return provider.defaultEndpoint();
      }
    };
  }
}

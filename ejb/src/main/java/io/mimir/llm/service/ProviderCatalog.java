package io.mimir.llm.service;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.NetConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The catalogue of providers, with the addresses that this installation calls them at. */
@ApplicationScoped
public class ProviderCatalog {

  @Inject NetConfig config;

  /**
   * Works out where the calls of a key go.
   *
   * @param own the key's own address, or null
   * @throws ProblemException MISSING_FIELD where the key has no address and the provider none that
   *     all customers share
   */
  public EndpointUrl addressOf(Provider provider, EndpointUrl own) {
    return Optional.ofNullable(own)
        .or(() -> standard(provider))
        .orElseThrow(
            () ->
                ProblemException.of(
                    Problem.MISSING_FIELD,
                    "endpoint_url",
                    "missing",
                    "%s has no address that all customers share: enter that of your endpoint"
                        .formatted(provider.label())));
  }

  /**
   * Returns the address of a provider for keys without one of their own; empty where a key has to
   * bring it.
   */
  public Optional<EndpointUrl> standard(Provider provider) {
    return Optional.ofNullable(replaced().get(provider)).or(provider::defaultEndpoint);
  }

  /** Tells whether an endpoint is at the address that keys without one of their own are used at. */
  public boolean isAtHome(Endpoint endpoint) {
    return standard(endpoint.provider())
        .filter(home -> home.origin().equals(endpoint.url().origin()))
        .isPresent();
  }

  /** The addresses that the operator puts in the place of a provider's own. */
  private Map<Provider, EndpointUrl> replaced() {
    Map<Provider, EndpointUrl> replaced = new HashMap<>();
    config.openAiEndpoint().ifPresent(url -> replaced.put(Provider.OPENAI, url));
    config.anthropicEndpoint().ifPresent(url -> replaced.put(Provider.ANTHROPIC, url));
    return replaced;
  }
}

package io.mimir.llm.service;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Endpoint;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.NetConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;

/** Where each provider is, unless a key says otherwise. */
@ApplicationScoped
public class ProviderEndpoints {

  private static final EndpointUrl OPENAI = EndpointUrl.parse("https://api.openai.com/v1");
  private static final EndpointUrl ANTHROPIC = EndpointUrl.parse("https://api.anthropic.com");
  private static final EndpointUrl OLLAMA = EndpointUrl.parse("http://localhost:11434");

  @Inject NetConfig config;

  /**
   * @param own the key's own address, if it has one
   * @throws ProblemException MISSING_FIELD for Custom, which has no address but its own
   */
  public Endpoint endpointFor(Provider provider, Optional<EndpointUrl> own) {
    return new Endpoint(provider, own.orElseGet(() -> standard(provider)));
  }

  private EndpointUrl standard(Provider provider) {
    return switch (provider) {
      case OPENAI -> config.openAiEndpoint().orElse(OPENAI);
      case ANTHROPIC -> config.anthropicEndpoint().orElse(ANTHROPIC);
      case OLLAMA -> OLLAMA;
      case CUSTOM ->
          throw ProblemException.of(
              Problem.MISSING_FIELD,
              "endpoint_url",
              "missing",
              "A custom provider needs the address of its endpoint");
    };
  }
}

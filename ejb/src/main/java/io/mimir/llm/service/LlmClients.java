package io.mimir.llm.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.llm.Probe;
import io.mimir.llm.ProtocolFamily;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.EgressClient;
import io.mimir.security.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.ProcessingException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.rest.client.RestClientBuilder;

/**
 * Asks providers, each in its own protocol. Here, and nowhere else on the way of a call, a secret
 * is read in clear.
 */
@ApplicationScoped
public class LlmClients {

  @Inject EgressClient egress;

  /**
   * Finds out whether an endpoint and a key work, with a call that costs nothing.
   *
   * @return the verdict; a failure of the provider is one
   */
  public Probe probe(Endpoint endpoint, Secret key, Duration timeout) {
    Provider provider = endpoint.provider();
    VettedTransport transport = new VettedTransport(egress, provider, timeout);
    try {
      requireSafe(key);
      List<String> models = withoutKey(models(endpoint, key, transport).ids(), key);
      return new Probe(CallOutcome.OK, found(provider, models), transport.latencyMs(), models);
    } catch (LlmException e) {
      return failed(e, provider, transport);
    } catch (ProcessingException e) {
      return failed(failureIn(e), provider, transport);
    }
  }

  private static Probe failed(LlmException e, Provider provider, VettedTransport transport) {
    return new Probe(e.reason(), message(e, provider), transport.latencyMs(), List.of());
  }

  /** A hostile endpoint could name a model after the key that it was given (T08). */
  private static List<String> withoutKey(List<String> models, Secret key) {
    if (key.isEmpty()) {
      return models;
    }
    String clear = key.reveal();
    return models.stream().filter(model -> !model.contains(clear)).toList();
  }

  private static String found(Provider provider, List<String> models) {
    if (models.isEmpty()) {
      return provider.family() == ProtocolFamily.OLLAMA
          ? "%s answered and has no model yet: pull one, for example with ollama pull llama3"
              .formatted(provider.label())
          : provider.label() + " answered and offers no model to this key";
    }
    return models.size() == 1
        ? provider.label() + " answered and offers 1 model"
        : provider.label() + " answered and offers " + models.size() + " models";
  }

  private static String message(LlmException failure, Provider provider) {
    return failure.reason() == CallOutcome.BLOCKED
        ? failure.getMessage()
        : Failures.sentence(failure.reason(), provider);
  }

  private static LlmException failureIn(ProcessingException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CallFailed call) {
        return call.failure();
      }
    }
    return Answers.notLlmApi();
  }

  private static ModelIds models(Endpoint endpoint, Secret key, VettedTransport transport) {
    EndpointUrl base = endpoint.url();
    String bearer = key.isEmpty() ? null : "Bearer " + key.reveal();
    return switch (endpoint.provider().family()) {
      case OPENAI -> client(OpenAiModels.class, base.resolveVersioned(""), transport).list(bearer);
      case ANTHROPIC ->
          client(AnthropicModels.class, base.resolve(""), transport)
              .list(key.reveal(), AnthropicProtocol.VERSION, ModelIdsReader.MOST);
      case OLLAMA -> client(OllamaTags.class, base.resolve(""), transport).list(bearer);
    };
  }

  private static <T> T client(Class<T> type, URI base, VettedTransport transport) {
    return RestClientBuilder.newBuilder()
        .baseUri(base)
        .register(transport)
        .register(new ModelIdsReader())
        .build(type);
  }

  static Protocol protocol(Provider provider) {
    return switch (provider.family()) {
      case OPENAI -> new OpenAiProtocol();
      case ANTHROPIC -> new AnthropicProtocol();
      case OLLAMA -> new OllamaProtocol();
    };
  }

  /**
   * A line break in a key would smuggle a header in, and clients put the whole value into their
   * error.
   */
  static void requireSafe(Secret key) throws LlmException {
    if (!key.isHeaderSafe()) {
      throw new LlmException(CallOutcome.AUTH_FAILED, "The key has characters that no key has");
    }
  }
}

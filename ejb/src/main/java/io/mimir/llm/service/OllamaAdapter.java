package io.mimir.llm.service;

import io.mimir.llm.Endpoint;
import io.mimir.llm.ProviderOperation;

/** An adapter for Ollama, which has the protocols of others beside its own. */
final class OllamaAdapter extends ProviderAdapter {

  private static final String OTHERS = "v1/";

  OllamaAdapter(Endpoint endpoint) {
    super(endpoint);
  }

  @Override
  String reference(ProviderOperation operation) {
    return switch (operation) {
      case OLLAMA_CHAT, OLLAMA_GENERATE, OLLAMA_EMBED, OLLAMA_SHOW -> OpenAiPaths.of(operation);
      default -> OTHERS + OpenAiPaths.of(operation);
    };
  }

  @Override
  String openAiFolder() {
    return OTHERS;
  }
}

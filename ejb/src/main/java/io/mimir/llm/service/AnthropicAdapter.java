package io.mimir.llm.service;

import io.mimir.llm.Endpoint;
import io.mimir.llm.ProviderOperation;

/** An adapter for Anthropic and all that speak its protocol. */
final class AnthropicAdapter extends ProviderAdapter {

  AnthropicAdapter(Endpoint endpoint) {
    super(endpoint);
  }

  @Override
  String reference(ProviderOperation operation) {
    return OpenAiPaths.of(operation);
  }
}

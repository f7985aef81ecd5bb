package io.mimir.llm.service;

import io.mimir.llm.Endpoint;
import io.mimir.llm.ProviderOperation;

/** An adapter for OpenAI and all that speak its protocol. */
final class OpenAiAdapter extends ProviderAdapter {

  OpenAiAdapter(Endpoint endpoint) {
    super(endpoint);
  }

  @Override
  String reference(ProviderOperation operation) {
    return OpenAiPaths.of(operation);
  }
}

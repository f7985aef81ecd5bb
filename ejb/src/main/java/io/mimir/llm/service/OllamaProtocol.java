package io.mimir.llm.service;

import io.mimir.security.Secret;
import java.util.Map;

/** Ollama's way of taking a key, for those who put a guard before it. */
final class OllamaProtocol implements Protocol {

  @Override
  public Map<String, String> credentials(Secret key) {
    return key.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + key.reveal());
  }
}

package io.mimir.llm.service;

import io.mimir.security.Secret;
import java.util.Map;

/** OpenAI's way of taking a key, which most others have as well. */
final class OpenAiProtocol implements Protocol {

  @Override
  public Map<String, String> credentials(Secret key) {
    return key.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + key.reveal());
  }
}

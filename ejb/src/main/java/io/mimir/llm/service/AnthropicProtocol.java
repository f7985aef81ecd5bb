package io.mimir.llm.service;

import io.mimir.security.Secret;
import java.util.Map;

/** Anthropic's way of taking a key. */
final class AnthropicProtocol implements Protocol {

  /** The version that all its official clients send. */
  static final String VERSION = "2023-06-01";

  static final String VERSION_HEADER = "anthropic-version";

  @Override
  public Map<String, String> credentials(Secret key) {
    return Map.of("x-api-key", key.reveal(), VERSION_HEADER, VERSION);
  }
}

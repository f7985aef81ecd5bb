package io.mimir.upstream.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.security.SecretTraces;
import java.io.IOException;

/**
 * What a provider found wrong with a question, in its own words: its author needs to know. It is
 * never told when it repeats a part of the key (T08).
 *
 * @param message at most 2,000 characters
 * @param param the field that is to blame, or null
 * @param code the provider's word for it, or null
 */
public record ProviderWords(String message, String param, String code) {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MAX_MESSAGE_CHARS = 2000;

  /**
   * Reads the body of a refusal.
   *
   * @return null where it says nothing that may be repeated
   */
  static ProviderWords of(byte[] body, int length, SecretTraces secrets) {
    JsonNode error;
    try {
      error = JSON.readTree(body, 0, length).path("error");
    } catch (IOException e) {
      return null;
    }
    String message = error.isTextual() ? error.asText() : error.path("message").asText("");
    boolean fit = !message.isBlank() && message.length() <= MAX_MESSAGE_CHARS;
    if (!fit || secrets.areIn(error.toString())) {
      return null;
    }
    return new ProviderWords(message, text(error.path("param")), text(error.path("code")));
  }

  private static String text(JsonNode node) {
    return node.isTextual() ? node.asText() : null;
  }
}

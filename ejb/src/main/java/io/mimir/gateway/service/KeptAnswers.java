package io.mimir.gateway.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** The answers of providers that tell of what they keep. */
final class KeptAnswers {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private KeptAnswers() {}

  /** Reads an answer; what is no JSON tells of nothing. */
  static JsonNode read(byte[] body) {
    try {
      JsonNode read = JSON.readTree(body);
      return read == null ? JSON.createObjectNode() : read;
    } catch (IOException e) {
      return JSON.createObjectNode();
    }
  }

  /**
   * Results of Anthropic's batches have a whole address, where its clients would take their token
   * of ours to: it is given as one of ours.
   */
  static byte[] localized(JsonNode body, byte[] original) {
    boolean changed = localize(body);
    for (JsonNode one : body.path("data")) {
      changed |= localize(one);
    }
    return changed ? bytes(body) : original;
  }

  static boolean localize(JsonNode batch) {
    if (batch instanceof ObjectNode object && object.path("results_url").isTextual()) {
      object.put(
          "results_url", "/v1/messages/batches/%s/results".formatted(object.path("id").asText()));
      return true;
    }
    return false;
  }

  static byte[] bytes(JsonNode body) {
    try {
      return JSON.writeValueAsBytes(body);
    } catch (IOException e) {
      throw new IllegalStateException("A tree of JSON can be written", e);
    }
  }
}

package io.mimir.llm.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import java.util.regex.Pattern;

/**
 * What the protocols have in common: JSON in and out, without a word of the other side's in any
 * error.
 */
final class Answers {

  static final JsonMapper JSON = JsonMapper.builder().build();

  private static final Pattern MODEL = Pattern.compile("[\\x21-\\x7E]{1,200}");

  private Answers() {}

  /** Whether a name that the other side gave can be shown and stored. */
  static boolean isModelName(String name) {
    return MODEL.matcher(name).matches();
  }

  /**
   * @throws LlmException NOT_LLM_API when it is no JSON object
   */
  static JsonNode object(String text) throws LlmException {
    try {
      JsonNode node = JSON.readTree(text);
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      // Answered below: its message quotes what was sent.
    }
    throw new LlmException(
        CallOutcome.NOT_LLM_API, "The endpoint did not answer as this provider does");
  }

  static LlmException broken() {
    return new LlmException(
        CallOutcome.UPSTREAM_ERROR, "The provider broke off its answer with an error");
  }

  static LlmException notLlmApi() {
    return new LlmException(
        CallOutcome.NOT_LLM_API, "The endpoint did not answer as this provider does");
  }

  static Long number(JsonNode node) {
    return node.isIntegralNumber() ? node.asLong() : null;
  }
}

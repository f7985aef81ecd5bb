package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.util.Map;

/**
 * How many tokens a request in Anthropic's messages will about have, for providers that do not
 * count. No tokenizer is asked: texts are taken at a token for four bytes of UTF-8, which is close
 * for English and somewhat high for code; a picture, which has no length, at what a usual one
 * costs.
 */
public final class TokenEstimate {

  private static final int BYTES_PER_TOKEN = 4;
  private static final int TOKENS_PER_IMAGE = 1600;
  private static final int TOKENS_PER_PAGE = 2000;
  private static final int BYTES_PER_PAGE = 100 * 1024;
  private static final int TOKENS_PER_MESSAGE = 4;
  private static final int MAX_DEPTH = 500;

  private TokenEstimate() {}

  /**
   * Estimates the tokens of a request's system prompt, messages and tools.
   *
   * @param body a body of {@code /v1/messages} or {@code /v1/messages/count_tokens}
   * @return at least 1
   * @throws ProblemException INVALID where it is not one JSON object with messages
   */
  public static long estimateTokens(byte[] body) {
    ObjectNode node = Json.objectIn(body);
    if (node == null) {
      throw ProblemException.of(Problem.INVALID, "body", "invalid", "body must be one JSON object");
    }
    if (!node.path("messages").isArray()) {
      throw ProblemException.of(
          Problem.INVALID, "messages", "invalid", "messages must be an array");
    }
    long tokens = (long) TOKENS_PER_MESSAGE * node.path("messages").size();
    for (String part : new String[] {"system", "messages", "tools"}) {
      tokens += tokens(node.path(part), 0);
    }
    return Math.max(1, tokens);
  }

  private static long tokens(JsonNode node, int depth) {
    if (depth > MAX_DEPTH) {
      return 0;
    }
    if (node.isTextual()) {
      return (bytes(node.textValue()) + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    }
    if (!node.isContainerNode()) {
      return node.isNull() || node.isMissingNode() ? 0 : 1;
    }
    long tokens = 0;
    if (node.isObject()) {
      String type = node.path("type").asText("");
      if (node.path("source").isObject()
          && !node.path("source").path("type").asText().equals("text")) {
        if (type.equals("image")) {
          return TOKENS_PER_IMAGE;
        }
        if (type.equals("document") && node.path("source").path("data").isTextual()) {
          long size = node.path("source").path("data").textValue().length() * 3L / 4;
          return TOKENS_PER_PAGE * (1 + size / BYTES_PER_PAGE);
        }
      }
      for (Map.Entry<String, JsonNode> member : node.properties()) {
        if (!isSilent(member.getKey())) {
          tokens += tokens(member.getValue(), depth + 1);
        }
      }
      return tokens;
    }
    for (JsonNode item : node) {
      tokens += tokens(item, depth + 1);
    }
    return tokens;
  }

  /** Members that a model does not read. */
  private static boolean isSilent(String name) {
    return switch (name) {
      case "cache_control", "signature", "type", "id", "tool_use_id", "role" -> true;
      default -> false;
    };
  }

  private static long bytes(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }
}

package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.WireProtocol;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;

/**
 * A request of Ollama's clients that only wants a model to be loaded, or to be unloaded. Elsewhere
 * than at Ollama, models are always loaded, so nobody has to be asked.
 */
public final class OllamaLoadRequest {

  /** A request that asks nothing is short; others are not looked at. */
  private static final int MAX_BODY_BYTES = 8 * 1024;

  private static final Set<String> AT_ONCE = Set.of("0", "0s", "0m", "0h", "0ms");

  private OllamaLoadRequest() {}

  /**
   * Answers a request that asks nothing.
   *
   * @param client what the client speaks
   * @param body the client's
   * @return the whole answer, a line of JSON in UTF-8; null where a model has to be asked
   */
  public static byte[] answer(WireProtocol client, byte[] body) {
    boolean chat = client == WireProtocol.OLLAMA_CHAT;
    if (!chat && client != WireProtocol.OLLAMA_GENERATE || body.length > MAX_BODY_BYTES) {
      return null;
    }
    ObjectNode asked = Json.objectIn(body);
    if (asked == null || !asked.path("model").isTextual() || !isEmpty(asked, chat)) {
      return null;
    }
    ObjectNode answer = Json.object().put("model", asked.path("model").textValue());
    answer.put("created_at", Instant.now().toString());
    if (chat) {
      answer.putObject("message").put("role", "assistant").put("content", "");
    } else {
      answer.put("response", "");
    }
    answer.put("done", true).put("done_reason", isUnload(asked) ? "unload" : "load");
    byte[] json = Json.bytes(answer);
    byte[] line = Arrays.copyOf(json, json.length + 1);
    line[json.length] = '\n';
    return line;
  }

  private static boolean isEmpty(ObjectNode asked, boolean chat) {
    if (chat) {
      return nothing(asked.path("messages"));
    }
    return nothing(asked.path("prompt"))
        && nothing(asked.path("images"))
        && nothing(asked.path("suffix"));
  }

  private static boolean nothing(JsonNode given) {
    return given.isMissingNode()
        || given.isNull()
        || given.isTextual() && given.textValue().isEmpty()
        || given.isArray() && given.isEmpty();
  }

  private static boolean isUnload(ObjectNode asked) {
    JsonNode kept = asked.path("keep_alive");
    return kept.isNumber() ? kept.doubleValue() == 0 : AT_ONCE.contains(kept.asText());
  }
}

package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;

/**
 * Handles of ours in a body that is passed on in its own protocol. A conversation that began with
 * another provider holds them where this one looks for its own signatures, and would refuse them.
 */
public final class ForeignThoughts {

  private static final byte[] PREFIX = ThoughtHandle.PREFIX.getBytes(StandardCharsets.US_ASCII);

  private ForeignThoughts() {}

  /**
   * Takes thoughts out that came through a translation.
   *
   * @param body of {@code /v1/messages} or {@code /v1/responses}
   * @return the same array where there are none
   */
  public static byte[] without(byte[] body) {
    if (!holdsHandle(body)) {
      return body;
    }
    ObjectNode node = Json.objectIn(body);
    if (node == null) {
      return body;
    }
    boolean changed = takeOut(node.path("input"));
    for (Iterator<JsonNode> messages = node.path("messages").iterator(); messages.hasNext(); ) {
      JsonNode content = messages.next().path("content");
      boolean some = !content.isEmpty();
      changed |= takeOut(content);
      if (some && content.isEmpty()) {
        messages.remove();
      }
    }
    return changed ? Json.bytes(node) : body;
  }

  private static boolean takeOut(JsonNode list) {
    boolean changed = false;
    for (Iterator<JsonNode> items = list.iterator(); items.hasNext(); ) {
      JsonNode item = items.next();
      for (String name : new String[] {"signature", "data", "encrypted_content"}) {
        if (isThought(item) && item.path(name).asText("").startsWith(ThoughtHandle.PREFIX)) {
          items.remove();
          changed = true;
          break;
        }
      }
    }
    return changed;
  }

  private static boolean isThought(JsonNode item) {
    String type = item.path("type").asText("");
    return type.endsWith("thinking") || type.equals("reasoning");
  }

  private static boolean holdsHandle(byte[] body) {
    int last = body.length - PREFIX.length;
    for (int i = 0; i <= last; i++) {
      int matched = 0;
      while (matched < PREFIX.length && body[i + matched] == PREFIX[matched]) {
        matched++;
      }
      if (matched == PREFIX.length) {
        return true;
      }
    }
    return false;
  }
}

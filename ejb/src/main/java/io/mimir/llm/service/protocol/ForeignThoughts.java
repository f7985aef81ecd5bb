package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;

/**
 * Handles of ours in a body that is passed on in its own protocol. A conversation that began with
 * another provider holds them where this one looks for its own signatures, and would refuse them.
 */
public final class ForeignThoughts {

  private static final byte[] PREFIX = ThoughtHandle.PREFIX.getBytes(StandardCharsets.US_ASCII);

  /** How far to go on from a byte that ends a window without a match. */
  private static final int[] SKIP = new int[256];

  static {
    Arrays.fill(SKIP, PREFIX.length);
    for (int i = 0; i < PREFIX.length - 1; i++) {
      SKIP[PREFIX[i] & 0xff] = PREFIX.length - 1 - i;
    }
  }

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

  /** Looks at few of the bytes: a window without a letter of the prefix's is passed over. */
  private static boolean holdsHandle(byte[] body) {
    int end = PREFIX.length - 1;
    for (int i = end; i < body.length; i += SKIP[body[i] & 0xff]) {
      int matched = 0;
      while (matched <= end && body[i - matched] == PREFIX[end - matched]) {
        matched++;
      }
      if (matched > end) {
        return true;
      }
    }
    return false;
  }
}

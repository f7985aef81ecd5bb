package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * A provider's own words about what its model thought, on their way through a protocol that does
 * not know them: base64url of {@code {v, provider, model, origin, blob}}. The client keeps it and
 * sends it back with the next turn. Providers sign or encrypt what is in it; the origin is a
 * digest, since a client need not know where a provider is.
 */
final class ThoughtHandle {

  static final int MAX_HANDLE_BYTES = 256 * 1024;

  /** What every handle begins with, and no signature of a provider's does. */
  static final String PREFIX =
      Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString("{\"v\":1,\"pr".getBytes(StandardCharsets.UTF_8))
          .substring(0, 13);

  private static final int VERSION = 1;
  private static final int ORIGIN_CHARS = 16;

  private ThoughtHandle() {}

  /**
   * @return null where it would be too large to be carried
   */
  static String of(ObjectNode blob, UpstreamOptions options) {
    ObjectNode content = Json.object().put("v", VERSION).put("provider", options.provider());
    content.put("model", options.model()).put("origin", digest(options.origin()));
    content.set("blob", blob);
    String handle = Base64.getUrlEncoder().withoutPadding().encodeToString(Json.bytes(content));
    return handle.length() > MAX_HANDLE_BYTES ? null : handle;
  }

  /**
   * @return the provider's own words; null where this is no handle, or another provider's
   */
  static ObjectNode open(String handle, UpstreamOptions options) {
    if (handle == null || handle.length() > MAX_HANDLE_BYTES || !handle.startsWith(PREFIX)) {
      return null;
    }
    ObjectNode content;
    try {
      content = Json.objectIn(Base64.getUrlDecoder().decode(handle));
    } catch (IllegalArgumentException e) {
      // Not ours, or cut: the caller is told its name.
      return null;
    }
    boolean own =
        content != null
            && content.path("v").asInt() == VERSION
            && content.path("provider").asText().equals(options.provider())
            && content.path("origin").asText().equals(digest(options.origin()));
    JsonNode blob = own ? content.get("blob") : null;
    return blob instanceof ObjectNode object ? object : null;
  }

  private static String digest(String origin) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(origin.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().encodeToString(hash).substring(0, ORIGIN_CHARS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}

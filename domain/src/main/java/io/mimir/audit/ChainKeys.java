package io.mimir.audit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * The keys that the audit chain is sealed with, HMAC-SHA-256. A seal is {@code v1.<key
 * id>.<Base64url>}, so that it can be checked for ever, whichever key is the newest. Immutable,
 * safe for any number of threads.
 */
public final class ChainKeys {

  private static final String VERSION = "v1";
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private final Map<String, SecretKey> keys;
  private final String currentId;

  /**
   * @param keys by id, oldest first, at least one
   */
  public ChainKeys(Map<String, SecretKey> keys) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("A chain needs a key");
    }
    this.keys = new LinkedHashMap<>(keys);
    String newest = null;
    for (String id : keys.keySet()) {
      newest = id;
    }
    this.currentId = newest;
  }

  /** Seals a text with the newest key. */
  String seal(String text) {
    return seal(currentId, text);
  }

  /** Tells whether this is the seal of that text, whichever of the keys it was made with. */
  boolean isSealOf(String seal, String text) {
    String[] parts = seal == null ? new String[0] : seal.split("\\.", -1);
    return parts.length == 3
        && parts[0].equals(VERSION)
        && keys.containsKey(parts[1])
        && MessageDigest.isEqual(
            seal(parts[1], text).getBytes(StandardCharsets.UTF_8),
            seal.getBytes(StandardCharsets.UTF_8));
  }

  private String seal(String keyId, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(keys.get(keyId));
      byte[] hash = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
      return VERSION + '.' + keyId + '.' + ENCODER.encodeToString(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 is not available on this Java", e);
    }
  }

  /** Every part with its length in front, so that no two lists give the same text. */
  static String join(Object... parts) {
    StringBuilder text = new StringBuilder("mimir audit v1");
    for (Object part : parts) {
      text.append('|');
      if (part == null) {
        text.append('-');
      } else {
        String written = part.toString();
        text.append(written.length()).append(':').append(written);
      }
    }
    return text.toString();
  }
}

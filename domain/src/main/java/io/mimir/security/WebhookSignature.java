package io.mimir.security;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signatures of webhooks as Standard Webhooks has them: HMAC-SHA-256 with the key that the secret
 * holds in base64 after {@code whsec_}.
 */
public final class WebhookSignature {

  private static final String PREFIX = "whsec_";
  private static final String VERSION = "v1,";
  private static final String HMAC = "HmacSHA256";
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int KEY_BYTES = 32;

  private WebhookSignature() {}

  /** Returns the text of a new secret: {@code whsec_} and a random key of 256 bits in base64. */
  public static String newSecret() {
    byte[] key = new byte[KEY_BYTES];
    RANDOM.nextBytes(key);
    return PREFIX + Base64.getEncoder().encodeToString(key);
  }

  /**
   * Tells whether one of several signatures fits, in a time that does not tell how far it does.
   *
   * @param header signatures between spaces, such as {@code v1,K5oZ…}; those of other versions do
   *     not count
   * @param signed id, timestamp and body, with dots between them
   */
  public static boolean isIn(String header, byte[] signed, Secret secret) {
    byte[] expected = mac(signed, secret);
    boolean fits = false;
    for (String signature : header.split(" ")) {
      if (signature.startsWith(VERSION)) {
        fits |= MessageDigest.isEqual(expected, bytes(signature.substring(VERSION.length())));
      }
    }
    return fits;
  }

  /** Tells whether a text is the secret, in a time that does not tell how much of it is. */
  public static boolean isSame(String text, Secret secret) {
    return MessageDigest.isEqual(
        text.getBytes(StandardCharsets.UTF_8), secret.reveal().getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] mac(byte[] signed, Secret secret) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      byte[] key = Base64.getDecoder().decode(secret.reveal().substring(PREFIX.length()));
      mac.init(new SecretKeySpec(key, HMAC));
      return mac.doFinal(signed);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("Every Java platform has HMAC-SHA-256", e);
    }
  }

  /** What is no base64 fits nothing. */
  private static byte[] bytes(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }
}

package io.mimir.security;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key that wraps the data keys. It is given by the operator, never stored, and never printed.
 */
public final class MasterKey {

  private static final int BYTES = 32;
  private static final String HOW = "make one with: openssl rand -base64 32";
  private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{64}");
  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/_-]{43}=?");

  /**
   * Words that stand in samples and never in 32 random bytes, matched without regard to case and
   * punctuation.
   */
  private static final Pattern SAMPLE =
      Pattern.compile("changeme|replaceme|example|placeholder|password|yourkey|secretkey|insert");

  /**
   * 32 random bytes hold fewer than 20 different values about once in 10^10 keys; a text of 32
   * typed characters decodes to bytes of a narrow range.
   */
  private static final int FEWEST_DISTINCT_BYTES = 20;

  private final SecretKey key;

  private MasterKey(byte[] bytes) {
    this.key = new SecretKeySpec(bytes, "AES");
    Arrays.fill(bytes, (byte) 0);
  }

  /**
   * Reads a key from the text of a setting: Base64, Base64url or hex of exactly 32 bytes, with
   * white space around it ignored.
   *
   * @throws IllegalArgumentException with a sentence for the operator that does not hold the text
   */
  public static MasterKey parse(Secret setting) {
    String text = setting.reveal().strip();
    if (text.isEmpty()) {
      throw new IllegalArgumentException("it is empty; " + HOW);
    }
    if (SAMPLE.matcher(text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "")).find()) {
      throw new IllegalArgumentException("it is a sample value from a document; " + HOW);
    }
    byte[] bytes =
        decode(text)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "it must be Base64, Base64url or hex of exactly 32 bytes; " + HOW));
    if (isWeak(bytes)) {
      Arrays.fill(bytes, (byte) 0);
      throw new IllegalArgumentException("it is not random enough; " + HOW);
    }
    return new MasterKey(bytes);
  }

  /** The text of a new random key, in Base64. */
  public static Secret generate() {
    byte[] bytes = new byte[BYTES];
    SecureRandom random = new SecureRandom();
    do {
      random.nextBytes(bytes);
    } while (isWeak(bytes));
    return Secret.of(Base64.getEncoder().encodeToString(bytes));
  }

  private static Optional<byte[]> decode(String text) {
    if (HEX.matcher(text).matches()) {
      return Optional.of(HexFormat.of().parseHex(text.toLowerCase(Locale.ROOT)));
    }
    if (!BASE64.matcher(text).matches()) {
      return Optional.empty();
    }
    byte[] bytes = Base64.getUrlDecoder().decode(text.replace('+', '-').replace('/', '_'));
    return bytes.length == BYTES ? Optional.of(bytes) : Optional.empty();
  }

  private static boolean isWeak(byte[] bytes) {
    boolean[] seen = new boolean[256];
    int distinct = 0;
    int printable = 0;
    int steps = 0;
    for (int i = 0; i < bytes.length; i++) {
      int value = bytes[i] & 0xff;
      distinct += seen[value] ? 0 : 1;
      seen[value] = true;
      printable += value >= 0x20 && value < 0x7f ? 1 : 0;
      steps += i > 1 && bytes[i] - bytes[i - 1] == bytes[i - 1] - bytes[i - 2] ? 1 : 0;
    }
    return distinct < FEWEST_DISTINCT_BYTES
        || printable == bytes.length
        || steps > bytes.length / 2;
  }

  /**
   * The first 8 hex digits of a keyed hash: tells two master keys apart and gives nothing away of
   * either.
   */
  public String id() {
    return HexFormat.of().formatHex(hmac("mimir master key id"), 0, 4);
  }

  String wrap(byte[] dataKey, String dataKeyId, String purpose) {
    byte[] nonce = AesGcm.nonce();
    byte[] sealed = AesGcm.encrypt(key, nonce, context(purpose).associatedData(dataKeyId), dataKey);
    return SealedSecret.of(id(), nonce, sealed).stored();
  }

  /**
   * @throws VaultException when it was wrapped by another key, or changed
   */
  byte[] unwrap(String wrapped, String dataKeyId, String purpose) {
    SealedSecret.Parts parts = SealedSecret.ofStored(wrapped).parts();
    return AesGcm.decrypt(
        key, parts.nonce(), context(purpose).associatedData(dataKeyId), parts.ciphertext());
  }

  private static SealContext context(String purpose) {
    return new SealContext("data_keys", "wrapped_key", purpose, "", "");
  }

  private byte[] hmac(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 is not available on this Java", e);
    }
  }

  @Override
  public String toString() {
    return "MasterKey[" + id() + "]";
  }
}

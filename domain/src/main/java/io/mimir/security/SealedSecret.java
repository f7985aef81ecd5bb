package io.mimir.security;

import jakarta.persistence.Embeddable;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;

/**
 * A secret at rest: {@code v1.<alg>.<data key id>.<nonce>.<ciphertext>}, the last two in Base64url
 * without padding. Only the canonical spelling is read, so that not one bit of it can be changed
 * unnoticed.
 */
@Embeddable
public class SealedSecret {

  static final String VERSION = "v1";
  static final String ALGORITHM = "a256gcm";

  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

  @jakarta.persistence.Column(name = "key_value", nullable = false)
  private String text;

  /** The fields, once they were needed: a call path opens the same value again and again. */
  @jakarta.persistence.Transient private transient volatile Parts read;

  protected SealedSecret() {}

  private SealedSecret(String text) {
    this.text = text;
  }

  /** Reads what the database holds; whether it opens is found out by {@link Vault#open}. */
  public static SealedSecret ofStored(String text) {
    return new SealedSecret(Objects.requireNonNull(text));
  }

  static SealedSecret of(String keyId, byte[] nonce, byte[] ciphertext) {
    return new SealedSecret(
        String.join(
            ".",
            VERSION,
            ALGORITHM,
            keyId,
            ENCODER.encodeToString(nonce),
            ENCODER.encodeToString(ciphertext)));
  }

  /** The form that is stored. */
  public String stored() {
    return text;
  }

  /**
   * @throws VaultException when the text is not of this form
   */
  Parts parts() {
    Parts known = read;
    if (known == null) {
      known = readParts();
      read = known;
    }
    return known;
  }

  private Parts readParts() {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 5 || !parts[0].equals(VERSION) || !parts[1].equals(ALGORITHM)) {
      throw new VaultException();
    }
    byte[] nonce = decode(parts[3]);
    byte[] ciphertext = decode(parts[4]);
    if (nonce.length != AesGcm.NONCE_BYTES || ciphertext.length < AesGcm.TAG_BYTES) {
      throw new VaultException();
    }
    return new Parts(parts[2], nonce, ciphertext);
  }

  /**
   * Java's decoder ignores the unused bits of the last character; reading them back finds a changed
   * one.
   */
  private static byte[] decode(String part) {
    try {
      byte[] bytes = DECODER.decode(part);
      if (!ENCODER.encodeToString(bytes).equals(part)) {
        throw new VaultException();
      }
      return bytes;
    } catch (IllegalArgumentException e) {
      throw new VaultException();
    }
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof SealedSecret other && Objects.equals(text, other.text);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(text);
  }

  @Override
  public String toString() {
    return "SealedSecret[*****]";
  }

  /** The fields of the stored form, decoded. */
  record Parts(String keyId, byte[] nonce, byte[] ciphertext) {

    @Override
    public boolean equals(Object o) {
      return o instanceof Parts other
          && keyId.equals(other.keyId)
          && Arrays.equals(nonce, other.nonce)
          && Arrays.equals(ciphertext, other.ciphertext);
    }

    @Override
    public int hashCode() {
      return Objects.hash(keyId, Arrays.hashCode(nonce), Arrays.hashCode(ciphertext));
    }
  }
}

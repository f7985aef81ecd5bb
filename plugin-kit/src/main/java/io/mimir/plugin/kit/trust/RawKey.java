package io.mimir.plugin.kit.trust;

import java.util.Base64;

/** An Ed25519 key as Base64, hexadecimal digits, or PEM (RFC 8410). */
final class RawKey extends PublisherKey {

  private final byte[] key;

  private RawKey(String text, byte[] key) {
    super(KeyKind.ED25519, text, fingerprint(key));
    this.key = key;
  }

  static RawKey read(String text) throws KeyException {
    byte[] key =
        text.startsWith("-----BEGIN")
            ? Encoding.pem(text, "PUBLIC KEY").map(Ed25519::ofSpki).orElse(null)
            : Encoding.base64OrHex(text, Ed25519.KEY_LENGTH).orElse(null);
    if (key == null) {
      throw new KeyException(
          "A raw Ed25519 key has 32 bytes: 44 characters of Base64, 64 hexadecimal digits, or PEM");
    }
    if (!Ed25519.isKey(key)) {
      throw new KeyException("These 32 bytes are no Ed25519 key, or one that protects nothing");
    }
    return new RawKey(text, key);
  }

  private static String fingerprint(byte[] key) {
    return "SHA256:"
        + Base64.getEncoder().withoutPadding().encodeToString(Sha256.digest().digest(key));
  }

  byte[] key() {
    return key;
  }
}

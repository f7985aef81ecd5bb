package io.mimir.plugin.kit.trust;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;

/** Ed25519 (RFC 8032, section 5.1) without a prehash. */
final class Ed25519 {

  static final int KEY_LENGTH = 32;
  static final int SIGNATURE_LENGTH = 64;

  /** What stands before the key in a SubjectPublicKeyInfo (RFC 8410, section 4). */
  private static final byte[] SPKI_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");

  private static final int MAX_RESERVED_BYTES = 64 * 1024 * 1024;

  private Ed25519() {}

  /** Whether it is a point of the large subgroup: the few others verify what nobody signed. */
  static boolean isKey(byte[] key) {
    return key.length == KEY_LENGTH
        && org.bouncycastle.math.ec.rfc8032.Ed25519.validatePublicKeyFull(key, 0);
  }

  static boolean verify(byte[] key, byte[] signature, byte[] message, int length) {
    return signature.length == SIGNATURE_LENGTH
        && org.bouncycastle.math.ec.rfc8032.Ed25519.verify(
            signature, 0, key, 0, message, 0, length);
  }

  /** The key in a SubjectPublicKeyInfo; null when it is none. */
  static byte[] ofSpki(byte[] der) {
    int head = SPKI_HEAD.length;
    if (der.length != head + KEY_LENGTH || !Arrays.equals(der, 0, head, SPKI_HEAD, 0, head)) {
      return null;
    }
    return Arrays.copyOfRange(der, head, der.length);
  }

  /** The message, which has to be whole: it goes into a hash behind half of the signature. */
  static final class Message extends ByteArrayOutputStream {

    Message(long size) {
      super((int) Math.max(32, Math.min(size, MAX_RESERVED_BYTES)));
    }

    boolean isSignedBy(byte[] key, byte[] signature) {
      return verify(key, signature, buf, count);
    }
  }
}

package io.mimir.security;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/** AES-256-GCM of the JCA with a 96-bit nonce and a 128-bit tag (NIST SP 800-38D). */
final class AesGcm {

  static final int NONCE_BYTES = 12;
  static final int TAG_BYTES = 16;

  private static final SecureRandom RANDOM = new SecureRandom();

  /** Looking a cipher up among the providers costs more garbage than using it: they are lent. */
  private static final Pool<Cipher> CIPHERS = new Pool<>();

  private AesGcm() {}

  static byte[] nonce() {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    return nonce;
  }

  /**
   * @return the ciphertext with the tag at its end
   */
  static byte[] encrypt(SecretKey key, byte[] nonce, byte[] associated, byte[] clear) {
    try {
      return run(Cipher.ENCRYPT_MODE, key, nonce, associated, clear);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is not available on this Java", e);
    }
  }

  /**
   * @throws VaultException when anything was changed
   */
  static byte[] decrypt(SecretKey key, byte[] nonce, byte[] associated, byte[] sealed) {
    try {
      return run(Cipher.DECRYPT_MODE, key, nonce, associated, sealed);
    } catch (AEADBadTagException e) {
      throw new VaultException();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is not available on this Java", e);
    }
  }

  private static byte[] run(int mode, SecretKey key, byte[] nonce, byte[] associated, byte[] text)
      throws GeneralSecurityException {
    Cipher cipher = CIPHERS.take();
    if (cipher == null) {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    }
    cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * 8, nonce));
    cipher.updateAAD(associated);
    byte[] result = cipher.doFinal(text);
    // One that has thrown does not come here: it is not used again.
    CIPHERS.give(cipher);
    return result;
  }
}

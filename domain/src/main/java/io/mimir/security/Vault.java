package io.mimir.security;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * Seals and opens secrets. It holds the data keys in memory, unwrapped; the secrets themselves are
 * opened for one use and never kept. Immutable, safe for any number of threads.
 */
public final class Vault {

  private final Map<String, SecretKey> sealKeys = new LinkedHashMap<>();
  private final SecretKey macKey;
  private final Pool<Mac> macs = new Pool<>();
  private final String currentId;

  /**
   * @param dataKeys all of them, oldest first, with at least one to seal and one to hash with
   * @throws VaultException when the master key does not open one of them
   */
  public Vault(MasterKey master, Collection<DataKey> dataKeys) {
    SecretKey mac = null;
    String current = null;
    for (DataKey dataKey : dataKeys) {
      if (dataKey.getPurpose().equals(DataKey.SEAL)) {
        sealKeys.put(dataKey.getId(), dataKey.unwrap(master));
        current = dataKey.getId();
      } else if (dataKey.getPurpose().equals(DataKey.MAC) && mac == null) {
        mac = dataKey.unwrap(master);
      }
    }
    if (mac == null || current == null) {
      throw new IllegalArgumentException("A vault needs a data key to seal and one to hash with");
    }
    this.macKey = mac;
    this.currentId = current;
  }

  /** Seals a secret, the empty one too, so that nothing is ever stored in clear. */
  public SealedSecret seal(Secret secret, SealContext context) {
    byte[] clear = encode(secret);
    try {
      byte[] nonce = AesGcm.nonce();
      byte[] sealed =
          AesGcm.encrypt(sealKeys.get(currentId), nonce, context.associatedData(currentId), clear);
      return SealedSecret.of(currentId, nonce, sealed);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  /**
   * Opens a secret for one use; close it afterwards.
   *
   * @throws VaultException whatever the cause is
   */
  public Secret open(SealedSecret sealed, SealContext context) {
    SealedSecret.Parts parts = sealed.parts();
    SecretKey key = sealKeys.get(parts.keyId());
    if (key == null) {
      throw new VaultException();
    }
    byte[] clear =
        AesGcm.decrypt(
            key, parts.nonce(), context.associatedData(parts.keyId()), parts.ciphertext());
    try {
      return decode(clear);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  /** A keyed hash of 32 bytes. The use is a word that keeps the hashes of different uses apart. */
  public byte[] mac(String use, Secret secret) {
    byte[] clear = encode(secret);
    try {
      Mac mac = macs.take();
      if (mac == null) {
        mac = Mac.getInstance("HmacSHA256");
        mac.init(macKey);
      }
      mac.update(use.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) '|');
      byte[] hash = mac.doFinal(clear);
      macs.give(mac);
      return hash;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 is not available on this Java", e);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  private static byte[] encode(Secret secret) {
    char[] chars = secret.copyOfChars();
    try {
      ByteBuffer buffer = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(chars));
      byte[] bytes = Arrays.copyOf(buffer.array(), buffer.limit());
      Arrays.fill(buffer.array(), (byte) 0);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("The secret is not well-formed text");
    } finally {
      Arrays.fill(chars, '\0');
    }
  }

  private static Secret decode(byte[] clear) {
    CharBuffer buffer = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(clear));
    char[] chars = Arrays.copyOf(buffer.array(), buffer.limit());
    Arrays.fill(buffer.array(), '\0');
    return Secret.taking(chars);
  }
}

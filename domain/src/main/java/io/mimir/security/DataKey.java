package io.mimir.security;

import static java.util.Objects.requireNonNull;

import io.mimir.audit.ChainKeys;
import io.mimir.id.Ids;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key of one generation, wrapped by the master key. The newest of a purpose is the one that is
 * used for what is new.
 */
public class DataKey {

  /** Seals secrets with AES-256-GCM. */
  public static final String SEAL = "seal";

  /** Hashes access tokens and fingerprints with HMAC-SHA-256. */
  public static final String MAC = "mac";

  /** Seals the audit chain with HMAC-SHA-256. */
  public static final String AUDIT = "audit";

  private static final int BYTES = 32;

  private final String id;

  private final String purpose;

  private String wrappedKey;

  private final Instant createdAt;

  private DataKey(String id, String purpose, String wrappedKey, Instant createdAt) {
    this.id = requireNonNull(id);
    this.purpose = requireNonNull(purpose);
    this.wrappedKey = requireNonNull(wrappedKey);
    this.createdAt = requireNonNull(createdAt);
  }

  /** A new random key. */
  public static DataKey create(String purpose, MasterKey master, Instant now) {
    String id = Ids.random("dk_");
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    try {
      return new DataKey(id, purpose, master.wrap(bytes, id, purpose), now);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** A key as the database holds it. */
  public static DataKey ofStored(String id, String purpose, String wrappedKey, Instant createdAt) {
    return new DataKey(id, purpose, wrappedKey, createdAt);
  }

  /**
   * @throws VaultException when another master key wrapped it
   */
  SecretKey unwrap(MasterKey master) {
    byte[] bytes = master.unwrap(wrappedKey, id, purpose);
    try {
      return new SecretKeySpec(bytes, purpose.equals(SEAL) ? "AES" : "HmacSHA256");
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /**
   * Returns the keys of the audit chain.
   *
   * @param dataKeys all of them, oldest first, with at least one of that purpose
   * @throws VaultException when the master key does not open one of them
   */
  public static ChainKeys chainKeys(Collection<DataKey> dataKeys, MasterKey master) {
    Map<String, SecretKey> keys = new LinkedHashMap<>();
    for (DataKey dataKey : dataKeys) {
      if (dataKey.getPurpose().equals(AUDIT)) {
        keys.put(dataKey.getId(), dataKey.unwrap(master));
      }
    }
    return new ChainKeys(keys);
  }

  /** Whether this master key is the one that wrapped it. */
  public boolean opensWith(MasterKey master) {
    try {
      unwrap(master);
      return true;
    } catch (VaultException e) {
      return false;
    }
  }

  /**
   * Wraps the same key with another master key; nothing that it sealed changes.
   *
   * @throws VaultException when {@code old} is not the key that wrapped it
   */
  public void rewrap(MasterKey old, MasterKey replacement) {
    byte[] bytes = old.unwrap(wrappedKey, id, purpose);
    try {
      wrappedKey = replacement.wrap(bytes, id, purpose);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** The id of the master key that wrapped it. */
  public String masterKeyId() {
    return SealedSecret.ofStored(wrappedKey).parts().keyId();
  }

  public String getId() {
    return id;
  }

  public String getPurpose() {
    return purpose;
  }

  public String getWrappedKey() {
    return wrappedKey;
  }

  public Instant getCreatedAt() {
    return createdAt;
  }
}

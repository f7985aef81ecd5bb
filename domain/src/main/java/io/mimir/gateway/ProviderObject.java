package io.mimir.gateway;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;

/**
 * The key and the account that something at a provider was made with: it can be had with that key
 * only, and belongs to that account. The id of the provider is kept as a hash, so that the table is
 * of no use to whoever reads it.
 *
 * @param idHash as {@link #hashOf} gives it
 */
public record ProviderObject(
    String idHash, String keyId, String accountId, ObjectKind kind, Instant createdAt) {

  public ProviderObject {
    requireNonNull(idHash);
    requireNonNull(keyId);
    requireNonNull(accountId);
    requireNonNull(kind);
    requireNonNull(createdAt);
  }

  /** Returns the SHA-256 of an id of a provider, in 43 characters of base64url. */
  public static String hashOf(String id) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}

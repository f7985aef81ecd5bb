package io.mimir.security;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A password at rest: {@code pbkdf2-sha256$<rounds>$<salt>$<hash>}. PBKDF2-HMAC-SHA-256 with
 * 600,000 rounds is what OWASP's password storage cheat sheet asks for.
 */
public final class PasswordHash {

  private static final String SCHEME = "pbkdf2-sha256";
  private static final int ROUNDS = 600_000;
  private static final int SALT_BYTES = 16;
  private static final int HASH_BITS = 256;

  /**
   * Compared against when there is no such account, so that both answers take the same time (T29).
   */
  private static final String NOBODY =
      SCHEME + "$" + ROUNDS + "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

  private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();

  private PasswordHash() {}

  /** Hashes a password with a new salt; takes a few tenths of a second, on purpose. */
  public static String of(Secret password) {
    byte[] salt = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    return String.join(
        "$",
        SCHEME,
        String.valueOf(ROUNDS),
        ENCODER.encodeToString(salt),
        ENCODER.encodeToString(derive(password, salt, ROUNDS)));
  }

  /** Whether the password belongs to the stored hash. */
  public static boolean matches(Secret password, String stored) {
    String[] parts = stored.split("\\$", -1);
    if (parts.length != 4 || !parts[0].equals(SCHEME)) {
      throw new IllegalArgumentException("Unknown form of a stored password hash");
    }
    byte[] expected = Base64.getDecoder().decode(parts[3]);
    byte[] actual =
        derive(password, Base64.getDecoder().decode(parts[2]), Integer.parseInt(parts[1]));
    return MessageDigest.isEqual(expected, actual);
  }

  /** Does the work of {@link #matches} for an account that does not exist. */
  public static void matchesNobody(Secret password) {
    matches(password, NOBODY);
  }

  private static byte[] derive(Secret password, byte[] salt, int rounds) {
    char[] chars = password.copyOfChars();
    PBEKeySpec spec = new PBEKeySpec(chars, salt, rounds, HASH_BITS);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("PBKDF2 is not available on this Java", e);
    } finally {
      spec.clearPassword();
      Arrays.fill(chars, '\0');
    }
  }
}

package io.mimir.security;

import io.mimir.id.Ids;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The text of an access token: {@code mimir_}, 43 base62 characters that carry 256 random bits, and
 * 6 characters of CRC-32 in base62. The checksum lets scanners tell a token from a look-alike, and
 * a mistyped one is refused without a look into the database.
 */
public final class AccessTokenText {

  public static final String PREFIX = "mimir_";
  private static final int RANDOM_LENGTH = 43;
  private static final int CHECK_LENGTH = 6;
  private static final int LENGTH = PREFIX.length() + RANDOM_LENGTH + CHECK_LENGTH;

  private AccessTokenText() {}

  public static Secret generate() {
    String random = Ids.base62(RANDOM_LENGTH);
    return Secret.of(PREFIX + random + checksum(random));
  }

  /** Whether the text has the form of a token and its checksum is right. */
  public static boolean isWellFormed(Secret token) {
    String text = token.reveal();
    if (!hasForm(text)) {
      return false;
    }
    int end = PREFIX.length() + RANDOM_LENGTH;
    return text.substring(end).equals(checksum(text.substring(PREFIX.length(), end)));
  }

  /** Every call of the gateway asks this: a regular expression takes ten times as long. */
  private static boolean hasForm(String text) {
    boolean form = text.length() == LENGTH && text.startsWith(PREFIX);
    for (int i = PREFIX.length(); form && i < LENGTH; i++) {
      char c = text.charAt(i);
      form = c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
    }
    return form;
  }

  /** What may be shown of a token later: its prefix and its last four characters. */
  public static String hint(Secret token) {
    String text = token.reveal();
    return PREFIX + "…" + text.substring(text.length() - 4);
  }

  private static String checksum(String random) {
    CRC32 crc = new CRC32();
    crc.update(random.getBytes(StandardCharsets.US_ASCII));
    return Ids.base62(crc.getValue(), CHECK_LENGTH);
  }
}

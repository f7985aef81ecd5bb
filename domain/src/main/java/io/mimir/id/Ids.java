package io.mimir.id;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/** Identifiers and random texts in base62, which survive URLs, shells and a double click. */
public final class Ids {

  private static final String BASE62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final SecureRandom RANDOM = new SecureRandom();

  /** 22 characters of base62 carry 131 bits. */
  private static final int ID_LENGTH = 22;

  private Ids() {}

  /** A new identifier, such as {@code key_4f…}. */
  public static String random(String prefix) {
    return prefix + base62(ID_LENGTH);
  }

  /** As many random base62 characters as asked for; 43 carry 256 bits. */
  public static String base62(int length) {
    byte[] text = new byte[length];
    int made = 0;
    while (made < length) {
      // All at once, and an eighth more: two of the 64 values of six bits are thrown away, so
      // that every character is as likely as any other.
      byte[] bits = new byte[length - made + (length >> 3) + 1];
      RANDOM.nextBytes(bits);
      for (int i = 0; i < bits.length && made < length; i++) {
        int value = bits[i] & 0x3f;
        if (value < BASE62.length()) {
          text[made++] = (byte) BASE62.charAt(value);
        }
      }
    }
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** The lowest {@code length} base62 digits of a number that is read as unsigned. */
  public static String base62(long number, int length) {
    char[] text = new char[length];
    long rest = number;
    for (int i = length - 1; i >= 0; i--) {
      text[i] = BASE62.charAt((int) Long.remainderUnsigned(rest, BASE62.length()));
      rest = Long.divideUnsigned(rest, BASE62.length());
    }
    return new String(text);
  }
}

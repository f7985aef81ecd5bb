package io.mimir.security;

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
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(BASE62.charAt(RANDOM.nextInt(BASE62.length())));
    }
    return text.toString();
  }

  /** The lowest {@code length} base62 digits of a number that is read as unsigned. */
  static String base62(long number, int length) {
    char[] text = new char[length];
    long rest = number;
    for (int i = length - 1; i >= 0; i--) {
      text[i] = BASE62.charAt((int) Long.remainderUnsigned(rest, BASE62.length()));
      rest = Long.divideUnsigned(rest, BASE62.length());
    }
    return new String(text);
  }
}

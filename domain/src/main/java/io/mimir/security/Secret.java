package io.mimir.security;

import java.util.Arrays;

/**
 * A text that nobody may see: a provider's key, a password, a token. It prints as {@code
 * Secret[*****]}, has no getter that frameworks find, is not serialisable, and can be wiped.
 */
public final class Secret implements AutoCloseable {

  private static final int SHORTEST_HINTED = 16;
  private static final int MAX_PREFIX_CHARS = 7;
  private static final int TAIL = 4;

  private static final Secret EMPTY = new Secret(new char[0]);

  private final char[] chars;

  private Secret(char[] chars) {
    this.chars = chars;
  }

  /**
   * @param text may be null, which means empty
   */
  public static Secret of(String text) {
    return text == null || text.isEmpty() ? EMPTY : new Secret(text.toCharArray());
  }

  /** Takes the array over: the caller no longer owns it. */
  public static Secret taking(char[] chars) {
    return chars.length == 0 ? EMPTY : new Secret(chars);
  }

  public boolean isEmpty() {
    return chars.length == 0;
  }

  public int length() {
    return chars.length;
  }

  /**
   * The text in clear. Only {@code security}, {@code llm.service} and {@code plugin.service} may
   * call this; ArchUnit keeps it so.
   *
   * @return a new String; keep it no longer than the one call that needs it
   */
  public String reveal() {
    return new String(chars);
  }

  /**
   * What may be shown of a key, so that people tell their keys apart: the public prefix, up to its
   * last dash within seven characters, and the last four characters, as in {@code sk-…abcd}. Empty
   * for fewer than 16 characters, of which that would show too much.
   */
  public String hint() {
    if (chars.length < SHORTEST_HINTED) {
      return "";
    }
    String text = reveal();
    int dash = text.lastIndexOf('-', MAX_PREFIX_CHARS - 1);
    return text.substring(0, dash + 1) + "…" + text.substring(text.length() - TAIL);
  }

  /**
   * Whether it can travel in a header: visible ASCII only, so no line break can be smuggled in
   * (T68).
   */
  public boolean isHeaderSafe() {
    for (char c : chars) {
      if (c < 0x21 || c > 0x7e) {
        return false;
      }
    }
    return true;
  }

  /**
   * Tells whether it can be the whole value of a header: visible ASCII, and spaces in between, as
   * in {@code Basic dXNlcg}.
   */
  public boolean isHeaderValue() {
    for (char c : chars) {
      if (c < 0x20 || c > 0x7e) {
        return false;
      }
    }
    return chars.length > 0 && chars[0] != ' ' && chars[chars.length - 1] != ' ';
  }

  /** The same secret without white space around it, which a paste often brings along. */
  public Secret stripped() {
    return of(reveal().strip());
  }

  /**
   * A copy in clear, for callers that wipe it themselves. The rule of {@link #reveal()} holds here
   * too.
   */
  char[] copyOfChars() {
    return chars.clone();
  }

  /** Overwrites the text with zeros. */
  @Override
  public void close() {
    Arrays.fill(chars, '\0');
  }

  @Override
  public String toString() {
    return "Secret[*****]";
  }
}

package io.mimir.security;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * A search for parts of secrets in texts that others wrote, such as the answer of a provider that
 * repeats what it was sent (T08). Eight bytes of a secret in a row are a part that matters; a
 * secret of four to seven bytes is looked for as a whole, and a shorter one cannot be told from
 * ordinary words. Upper and lower case count as the same.
 *
 * <p>The text is read as it stands, with its percent escapes undone, as hexadecimal digits (also
 * with separators between them) and as Base64 in both alphabets, from wherever in the text such a
 * run may have begun. An instance holds bytes of the secrets: it is made for one call and not kept.
 */
public final class SecretTraces {

  /** How many bytes in a row give a secret away. */
  private static final int TELLING = 8;

  private static final int SHORTEST = 4;
  private static final byte NO_DIGIT = -1;
  private static final byte[] HEX = digits("0123456789abcdef", "0123456789ABCDEF");
  private static final byte[] BASE64 =
      digits(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

  private static final int FILTER_BITS = 10;

  /** Spreads a part over the filter (the golden ratio, as in multiplicative hashing). */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  /**
   * For each length from 1 to {@link #TELLING}, the parts of that length, packed; null for none.
   */
  private final long[][] parts = new long[TELLING + 1][];

  /** A bit for each part, of whatever length: nearly all texts are told apart by it. */
  private final long[] filter = new long[(1 << FILTER_BITS) / Long.SIZE];

  private SecretTraces(Collection<Secret> secrets) {
    for (Secret secret : secrets) {
      char[] chars = secret.copyOfChars();
      ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(chars));
      byte[] bytes = Arrays.copyOf(encoded.array(), encoded.limit());
      int length = Math.min(TELLING, bytes.length);
      if (length >= SHORTEST) {
        add(length, windows(bytes, length));
      }
      Arrays.fill(bytes, (byte) 0);
      Arrays.fill(encoded.array(), (byte) 0);
      Arrays.fill(chars, '\0');
    }
  }

  private void add(int length, long[] windows) {
    parts[length] = parts[length] == null ? windows : join(parts[length], windows);
    for (long window : windows) {
      int bit = filterBit(window);
      filter[bit / Long.SIZE] |= 1L << bit;
    }
  }

  private static int filterBit(long window) {
    return (int) (window * SPREAD >>> (Long.SIZE - FILTER_BITS));
  }

  private boolean isPart(int length, long window) {
    int bit = filterBit(window);
    if ((filter[bit / Long.SIZE] & 1L << bit) == 0) {
      return false;
    }
    for (long part : parts[length]) {
      if (part == window) {
        return true;
      }
    }
    return false;
  }

  /** Prepares the search for parts of these secrets. */
  public static SecretTraces of(Collection<Secret> secrets) {
    return new SecretTraces(secrets);
  }

  /** Prepares the search for parts of one secret. */
  public static SecretTraces of(Secret secret) {
    return new SecretTraces(List.of(secret));
  }

  /** Tells whether a text holds a part of a secret, in any of the forms named above. */
  public boolean areIn(String text) {
    if (text.length() < SHORTEST) {
      return false;
    }
    byte[] plain = text.getBytes(StandardCharsets.UTF_8);
    if (isIn(plain, plain.length)) {
      return true;
    }
    byte[] unescaped = plain;
    if (text.indexOf('%') >= 0) {
      unescaped = withoutPercents(plain);
      if (isIn(unescaped, unescaped.length)) {
        return true;
      }
    }
    return isEncodedIn(unescaped);
  }

  private boolean isEncodedIn(byte[] text) {
    byte[] decoded = new byte[text.length];
    for (int start = 0; start < 2; start++) {
      if (isIn(decoded, fromHex(text, start, decoded))) {
        return true;
      }
    }
    for (int start = 0; start < 4; start++) {
      if (isIn(decoded, fromBase64(text, start, decoded))) {
        return true;
      }
    }
    return false;
  }

  private boolean isIn(byte[] text, int count) {
    for (int length = SHORTEST; length <= TELLING; length++) {
      if (parts[length] == null) {
        continue;
      }
      long mask = mask(length);
      long window = 0;
      for (int i = 0; i < count; i++) {
        window = (window << 8 | folded(text[i])) & mask;
        if (i + 1 >= length && isPart(length, window)) {
          return true;
        }
      }
    }
    return false;
  }

  private static long[] windows(byte[] bytes, int length) {
    long[] windows = new long[bytes.length - length + 1];
    long window = 0;
    for (int i = 0; i < bytes.length; i++) {
      window = (window << 8 | folded(bytes[i])) & mask(length);
      if (i + 1 >= length) {
        windows[i + 1 - length] = window;
      }
    }
    return windows;
  }

  private static long mask(int length) {
    return -1L >>> (64 - 8 * length);
  }

  private static int folded(byte b) {
    return b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b & 0xff;
  }

  private static long[] join(long[] a, long[] b) {
    long[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  private static byte[] withoutPercents(byte[] text) {
    byte[] out = new byte[text.length];
    int count = 0;
    for (int i = 0; i < text.length; i++) {
      boolean escape =
          text[i] == '%'
              && i + 2 < text.length
              && digit(HEX, text[i + 1]) >= 0
              && digit(HEX, text[i + 2]) >= 0;
      if (escape) {
        out[count++] = (byte) (digit(HEX, text[i + 1]) << 4 | digit(HEX, text[i + 2]));
        i += 2;
      } else {
        out[count++] = text[i];
      }
    }
    return Arrays.copyOf(out, count);
  }

  /**
   * Reads pairs of digits, passing over what stands between them.
   *
   * @param skipped how many digits to leave out first: a run may begin at either place of a pair
   * @return how many bytes were read
   */
  private static int fromHex(byte[] text, int skipped, byte[] out) {
    int count = 0;
    int digits = -skipped;
    int high = 0;
    for (byte b : text) {
      int digit = digit(HEX, b);
      if (digit < 0) {
        // A separator, or no hexadecimal text at all.
        continue;
      }
      if (digits >= 0 && digits % 2 == 0) {
        high = digit;
      } else if (digits > 0) {
        out[count++] = (byte) (high << 4 | digit);
      }
      digits++;
    }
    return count;
  }

  /**
   * Reads groups of four characters; what is none of the alphabet ends a group, and the next one
   * begins behind it.
   *
   * @param skipped how many characters of each run to leave out first
   * @return how many bytes were read
   */
  private static int fromBase64(byte[] text, int skipped, byte[] out) {
    int count = 0;
    int inRun = -skipped;
    int bits = 0;
    for (byte b : text) {
      int digit = digit(BASE64, b);
      if (digit < 0) {
        inRun = -skipped;
        continue;
      }
      if (inRun >= 0) {
        bits = bits << 6 | digit;
        if (inRun % 4 > 0) {
          int spare = 6 - 2 * (inRun % 4);
          out[count++] = (byte) (bits >> spare);
        }
      }
      inRun++;
    }
    return count;
  }

  private static int digit(byte[] alphabet, byte character) {
    return character < 0 ? NO_DIGIT : alphabet[character];
  }

  private static byte[] digits(String... alphabets) {
    byte[] values = new byte[128];
    Arrays.fill(values, NO_DIGIT);
    for (String alphabet : alphabets) {
      for (int i = 0; i < alphabet.length(); i++) {
        values[alphabet.charAt(i)] = (byte) i;
      }
    }
    return values;
  }

  @Override
  public String toString() {
    return "SecretTraces[*****]";
  }
}

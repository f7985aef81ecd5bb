package io.mimir.usage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Estimates tokens where a provider does not tell them, and where a client leaves a stream before
 * it does. A token is taken for four bytes of text in UTF-8: about right for English, and for
 * Chinese about three quarters of a token a character. Nothing is parsed: one pass over the bytes
 * of the JSON finds the strings whose names say that they are text, so that each event of a stream
 * may be looked at as it passes. Not safe for use by several threads at once.
 */
public final class TokenEstimate {

  private static final int BYTES_PER_TOKEN = 4;

  /** Text that a model makes, in the streams and in the whole answers of every protocol. */
  private static final byte[][] OUTPUT =
      names(
          "content",
          "text",
          "delta",
          "thinking",
          "reasoning",
          "reasoning_content",
          "partial_json",
          "arguments",
          "input_json",
          "refusal",
          "response");

  /** What stands in a request and is no text: files, and what only the provider can read. */
  private static final byte[][] BINARY =
      names("data", "file_data", "b64_json", "image_url", "url", "encrypted_content", "signature");

  private static final byte[] DATA_URL = ascii("data:");
  private static final byte[] RESPONSE_EVENT = ascii("response.");
  private static final byte[] DELTA = ascii(".delta");
  private static final byte[] TYPE = ascii("type");

  private long outputBytes;

  private static byte[][] names(String... names) {
    return Stream.of(names).map(TokenEstimate::ascii).toArray(byte[][]::new);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Estimates the tokens of a request.
   *
   * @param body as it came; null for none
   * @return the bytes without those of images and files, by four; 0 for a body that is no JSON
   *     object, such as a form with a recording
   */
  public static long ofRequest(byte[] body) {
    if (body == null || !isObject(body)) {
      return 0;
    }
    Scan scan = new Scan(body, 0, body.length);
    long binary = 0;
    while (scan.next()) {
      if (scan.isNamedOneOf(BINARY) || scan.valueStartsWith(DATA_URL)) {
        binary += scan.rawBytes();
      }
    }
    return tokens(body.length - binary);
  }

  private static boolean isObject(byte[] body) {
    int at = 0;
    while (at < body.length && body[at] <= ' ' && body[at] >= 0) {
      at++;
    }
    return at < body.length && body[at] == '{';
  }

  /**
   * Takes in one event or line of a stream, or a whole answer, in the provider's protocol.
   *
   * @param bytes JSON, also with {@code data:} and {@code event:} before it
   */
  public void read(byte[] bytes, int from, int length) {
    Scan scan = new Scan(bytes, from, from + length);
    long text = 0;
    while (scan.next()) {
      if (scan.isNamedOneOf(OUTPUT)) {
        text += scan.textBytes();
      } else if (scan.isRepetition()) {
        return;
      }
    }
    outputBytes += text;
  }

  /** Takes in text of the answer that was read already. */
  public void add(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      outputBytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
  }

  /** Returns the tokens of the text that was taken in. */
  public long outputTokens() {
    return tokens(outputBytes);
  }

  /**
   * Returns the call with the tokens that the provider told, and estimates for the others. Told
   * zeros are believed; only of an answer that has not come to its end the higher one of the two
   * counts, since Anthropic tells one token of output when it begins.
   *
   * @param told input as the provider told it, negative when it did not
   * @param toldOutput like told
   * @param body the request, for the input
   * @param ended whether the answer came to its end
   */
  public CallUsage settle(CallUsage call, long told, long toldOutput, byte[] body, boolean ended) {
    long input = told >= 0 ? told : ofRequest(body);
    long output = toldOutput >= 0 && ended ? toldOutput : Math.max(toldOutput, outputTokens());
    boolean estimated = told < 0 || output != toldOutput;
    return call.withTokens(input, output, estimated);
  }

  private static long tokens(long bytes) {
    return (Math.max(0, bytes) + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
  }

  /** Goes from string to string that is the value of a member, or stands in an array. */
  private static final class Scan {

    private final byte[] bytes;
    private final int end;
    private int at;
    private int nameBegin;
    private int nameStop;
    private int begin;
    private int stop;

    Scan(byte[] bytes, int from, int end) {
      this.bytes = bytes;
      this.at = from;
      this.end = end;
    }

    /** Whether there is another value. */
    boolean next() {
      while (at < end) {
        if (bytes[at++] == '"') {
          begin = at;
          skipString();
          if (!takeName()) {
            return true;
          }
        }
      }
      return false;
    }

    private void skipString() {
      while (at < end && bytes[at] != '"') {
        at += bytes[at] == '\\' ? 2 : 1;
      }
      stop = Math.min(at, end);
      at = stop + 1;
    }

    /** Whether the string is the name of a member, which is remembered for its value. */
    private boolean takeName() {
      int after = at;
      while (after < end && bytes[after] >= 0 && bytes[after] <= ' ') {
        after++;
      }
      if (after >= end || bytes[after] != ':') {
        return false;
      }
      nameBegin = begin;
      nameStop = stop;
      at = after + 1;
      return true;
    }

    boolean isNamedOneOf(byte[][] names) {
      for (byte[] name : names) {
        if (isNamed(name)) {
          return true;
        }
      }
      return false;
    }

    private boolean isNamed(byte[] name) {
      return Arrays.equals(bytes, nameBegin, nameStop, name, 0, name.length);
    }

    boolean valueStartsWith(byte[] ascii) {
      int last = begin + ascii.length;
      return last <= stop && Arrays.equals(bytes, begin, last, ascii, 0, ascii.length);
    }

    /** Whether this names an event of OpenAI's responses that says again what deltas have said. */
    boolean isRepetition() {
      return isNamed(TYPE)
          && valueStartsWith(RESPONSE_EVENT)
          && !Arrays.equals(bytes, stop - DELTA.length, stop, DELTA, 0, DELTA.length);
    }

    int rawBytes() {
      return stop - begin;
    }

    /** The length of the value in UTF-8, once its escapes are read. */
    long textBytes() {
      long count = 0;
      for (int i = begin; i < stop; i++) {
        count++;
        if (bytes[i] == '\\' && i + 5 < stop && bytes[i + 1] == 'u') {
          count += bytes[i + 2] == '0' && bytes[i + 3] == '0' ? 0 : 2;
          i += 5;
        } else if (bytes[i] == '\\') {
          i++;
        }
      }
      return count;
    }
  }
}

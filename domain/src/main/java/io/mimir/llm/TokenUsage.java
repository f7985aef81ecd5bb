package io.mimir.llm;

/**
 * Tokens as the provider counted them; -1 for what it did not say.
 *
 * @param input all that went in, cached or not
 * @param output all that came out, thoughts included
 * @param cached those of the input that came out of a cache
 * @param cacheWritten those of the input that were put into a cache
 * @param reasoning those of the output that were thoughts
 */
public record TokenUsage(long input, long output, long cached, long cacheWritten, long reasoning) {

  /** Nothing was said. */
  public static final TokenUsage UNKNOWN = new TokenUsage(-1, -1, -1, -1, -1);

  /** A count for a protocol that has no way of saying that it is not known. */
  public static long known(long count) {
    return Math.max(0, count);
  }
}

package io.mimir.llm.service.protocol;

/**
 * Tokens as the provider counted them; -1 for what it did not say.
 *
 * @param input all that went in, cached or not
 * @param cached those of them that came out of a cache
 * @param cacheWritten those of them that were put into a cache
 */
record TokenUsage(long input, long output, long cached, long cacheWritten) {

  static final TokenUsage UNSAID = new TokenUsage(-1, -1, -1, -1);

  /** A count for a protocol that has no way of saying that it is not known. */
  static long known(long count) {
    return Math.max(0, count);
  }
}

package io.mimir.gateway.service;

import java.nio.CharBuffer;

/**
 * Tells conversations apart, so that all calls of one go to one key: providers keep their prompt
 * caches per account.
 */
final class Conversations {

  private static final long PRIME = 0x100000001B3L;

  /** Of a longer text so many characters count at its beginning, and at its end. */
  private static final int EDGE_CHARS = 4096;

  private Conversations() {}

  /**
   * Hashes what all calls of a conversation have in common: the token, and what the client calls
   * the conversation, else how it begins.
   *
   * @return never 0; 0 for a request that belongs to no conversation
   */
  static long hashOf(GatewayRequest request) {
    ObjectAddress address = request.address();
    if (address != null) {
      // What one account makes is used together, and is best kept with one key.
      long ofAccount = add(1, request.caller().accountId());
      return ofAccount == 0 ? 1 : ofAccount;
    }
    RequestEnvelope envelope = request.envelope();
    if (envelope == null) {
      return 0;
    }
    String session = envelope.session() != null ? envelope.session() : request.session();
    long opening = session == null ? envelope.openingHash() : add(1, session);
    if (opening == 0) {
      return 0;
    }
    String token = request.caller().tokenId();
    long hash = add(opening, token == null ? request.caller().accountId() : token);
    return hash == 0 ? 1 : hash;
  }

  /** Adds a text to a hash (FNV-1a over its characters). */
  static long add(long hash, String text) {
    return add(hash, text, 0, text.length());
  }

  /**
   * Adds a text to a hash, as {@link #add(long, String)} does; of a long one its two ends and its
   * length: more is not needed to tell conversations apart.
   */
  static long add(long hash, char[] text, int from, int length) {
    CharSequence all = CharBuffer.wrap(text, from, length);
    if (length <= 2 * EDGE_CHARS) {
      return add(hash, all, 0, length);
    }
    long begun = add(hash, all, 0, EDGE_CHARS);
    return (add(begun, all, length - EDGE_CHARS, length) ^ length) * PRIME;
  }

  private static long add(long hash, CharSequence text, int from, int to) {
    long sum = hash;
    for (int i = from; i < to; i++) {
      sum = (sum ^ text.charAt(i)) * PRIME;
    }
    return sum;
  }
}

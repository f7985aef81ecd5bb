package io.mimir.gateway.service;

/**
 * Tells conversations apart, so that all calls of one go to one key: providers keep their prompt
 * caches per account.
 */
final class Conversations {

  private static final long PRIME = 0x100000001B3L;

  /** Of a longer text so many bytes count at its beginning, and at its end. */
  private static final int EDGE_BYTES = 4096;

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
    long sum = hash;
    for (int i = 0; i < text.length(); i++) {
      sum = (sum ^ text.charAt(i)) * PRIME;
    }
    return sum;
  }

  /**
   * Adds a text in UTF-8 to a hash; of a long one its two ends and its length: more is not needed
   * to tell conversations apart.
   */
  static long add(long hash, byte[] text, int from, int to) {
    int length = to - from;
    if (length <= 2 * EDGE_BYTES) {
      return addBytes(hash, text, from, to);
    }
    long begun = addBytes(hash, text, from, from + EDGE_BYTES);
    return (addBytes(begun, text, to - EDGE_BYTES, to) ^ length) * PRIME;
  }

  private static long addBytes(long hash, byte[] text, int from, int to) {
    long sum = hash;
    for (int i = from; i < to; i++) {
      sum = (sum ^ (text[i] & 0xff)) * PRIME;
    }
    return sum;
  }
}

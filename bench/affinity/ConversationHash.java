package io.mimir.gateway.service;

import java.nio.charset.StandardCharsets;

/** What the gateway makes of a question to tell its conversation. */
public final class ConversationHash {

  private ConversationHash() {}

  /** Reads a question as the gateway does. */
  public static long of(String json, String token) {
    RequestEnvelope envelope = RequestEnvelope.read(json.getBytes(StandardCharsets.UTF_8));
    return Conversations.add(envelope.openingHash(), token);
  }
}

package io.mimir.gateway.service;

import java.nio.charset.StandardCharsets;

/** A protocol that a client of the gateway speaks: it decides how errors look. */
public enum ClientProtocol {
  OPENAI(": \n\n"),
  ANTHROPIC("event: ping\ndata: {\"type\":\"ping\"}\n\n"),
  OLLAMA("");

  private final byte[] keepAlive;

  ClientProtocol(String keepAlive) {
    this.keepAlive = keepAlive.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Returns what tells a client that a silent stream lives; empty where there is no word for it.
   */
  public byte[] keepAlive() {
    return keepAlive.clone();
  }
}

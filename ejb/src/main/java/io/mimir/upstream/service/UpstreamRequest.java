package io.mimir.upstream.service;

import io.mimir.llm.WireProtocol;
import io.mimir.llm.service.protocol.Translation;
import java.util.Map;

/**
 * A call as it is put to one provider.
 *
 * @param path of the provider, with its query
 * @param headers without credentials
 * @param body null for none
 * @param protocol of the provider's answer; null where it is passed on unread
 * @param translation null where the caller and the provider speak the same protocol
 * @param usageAsked whether the token counts of a stream were asked for on our own account
 */
public record UpstreamRequest(
    String method,
    String path,
    Map<String, String> headers,
    byte[] body,
    WireProtocol protocol,
    Translation translation,
    boolean usageAsked) {

  /** Prompts are nobody's business, not even the log's. */
  @Override
  public String toString() {
    return "UpstreamRequest[" + method + ", " + protocol + "]";
  }
}

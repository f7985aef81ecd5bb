package io.mimir.gateway.service;

import io.mimir.security.service.Identity;
import java.util.Map;

/**
 * One request to the gateway, read and its caller known.
 *
 * @param method the HTTP method; POST but for {@link Operation#OTHER}
 * @param below the address below {@code /v1} with its query, for {@link Operation#OTHER}; else null
 * @param body as it came; null for none
 * @param envelope what the JSON says, or null when the body is no JSON
 * @param model as the client named it, or null
 * @param session what the client calls the conversation in a header, or null
 * @param strict whether hints that a provider's protocol has no word for are to be refused
 * @param userAgent of the client, or null
 * @param headers what may be passed on to a provider, in their usual spelling
 */
public record GatewayRequest(
    Operation operation,
    String method,
    String below,
    byte[] body,
    RequestEnvelope envelope,
    String model,
    Map<String, String> headers,
    Identity caller,
    String session,
    boolean strict,
    String userAgent,
    String requestId) {

  /** Whether the client waits for a stream. */
  boolean wantsStream() {
    return envelope != null
        && operation.canStream()
        && envelope.isStreamed(operation.streamsByDefault());
  }

  /** Prompts are nobody's business, not even the log's. */
  @Override
  public String toString() {
    return "GatewayRequest[" + operation + ", " + requestId + "]";
  }
}

package io.mimir.gateway.service;

import io.mimir.security.service.Identity;
import java.util.Map;

/**
 * One request to the gateway, read and its caller known.
 *
 * @param method the HTTP method; POST but for {@link Operation#OTHER}
 * @param below the address below {@code /v1} with its query, for {@link Operation#OTHER}; else null
 * @param body as it came; null for none
 * @param head what the JSON says, or null when the body is no JSON
 * @param model as the client named it, or null
 * @param headers what may be passed on to a provider, in their usual spelling
 */
public record Asked(
    Operation operation,
    String method,
    String below,
    byte[] body,
    BodyHead head,
    String model,
    Map<String, String> headers,
    Identity caller,
    String requestId) {

  /** Whether the client waits for a stream. */
  boolean wantsStream() {
    return head != null && operation.canStream() && head.isStreamed(operation.streamsByDefault());
  }

  /** Prompts are nobody's business, not even the log's. */
  @Override
  public String toString() {
    return "Asked[" + operation + ", " + requestId + "]";
  }
}

package io.mimir.net.service;

import java.time.Duration;
import java.util.Map;

/**
 * A request that is sent on an {@link UpstreamRoute}.
 *
 * @param path with its query, as the route gave it
 * @param headers names and values; the values may hold secrets, so this is never printed
 * @param body null for none
 * @param patience how long to wait for the first byte of the answer; a body that has begun may
 *     pause as long, but for 30 seconds at most
 */
public record EgressRequest(
    String method, String path, Map<String, String> headers, byte[] body, Duration patience) {

  /** Returns the same request with other headers. */
  public EgressRequest with(Map<String, String> others) {
    return new EgressRequest(method, path, others, body, patience);
  }

  @Override
  public String toString() {
    return "EgressRequest[" + method + "]";
  }
}

package io.mimir.net.service;

import java.time.Duration;
import java.util.Map;

/**
 * A request that is sent on an {@link UpstreamRoute}.
 *
 * @param path with its query, as the route gave it
 * @param headers names and values; the values may hold secrets, so this is never printed
 * @param body null for none
 * @param patience how long to wait for the first byte of the answer, and for each silence after it
 * @param repeatable whether it may be sent a second time when the connection turns out to have been
 *     closed before anything of the answer came; what makes or changes something there may not
 */
public record EgressRequest(
    String method,
    String path,
    Map<String, String> headers,
    byte[] body,
    Duration patience,
    boolean repeatable) {

  /** Makes a request that may be sent a second time. */
  public EgressRequest(
      String method, String path, Map<String, String> headers, byte[] body, Duration patience) {
    this(method, path, headers, body, patience, true);
  }

  /** Returns the same request with other headers. */
  public EgressRequest with(Map<String, String> others) {
    return new EgressRequest(method, path, others, body, patience, repeatable);
  }

  /** Returns the same request, to be sent once and on a connection of its own. */
  public EgressRequest once() {
    return new EgressRequest(method, path, headers, body, patience, false);
  }

  @Override
  public String toString() {
    return "EgressRequest[" + method + "]";
  }
}

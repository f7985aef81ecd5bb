package io.mimir.net.service;

import io.mimir.net.Zone;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * A request to an address of its own, of which no {@link UpstreamRoute} was made.
 *
 * @param zone where the address may be
 * @param headers names and values; the values hold secrets, so this is never printed
 * @param body null for none
 * @param patience how long to wait for the first byte of the answer, and for each silence after it
 */
public record EgressCall(
    Zone zone,
    String method,
    URI uri,
    Map<String, String> headers,
    byte[] body,
    Duration patience) {

  @Override
  public String toString() {
    return "EgressCall[" + method + "]";
  }
}

package io.mimir.net.service;

import io.mimir.net.EndpointUrl;
import io.mimir.net.Zone;

/**
 * The way to an endpoint, worked out once so that a call need not. Its address was judged as it is
 * written; what a name resolves to is judged at each new connection.
 */
public final class UpstreamRoute {

  private final EndpointUrl base;
  private final Zone zone;
  private final String refusal;
  private volatile Connections connections;

  private record Connections(RelayClient client, ConnectionPool pool) {}

  /**
   * @param refusal why calls may not go there, or null
   */
  UpstreamRoute(EndpointUrl base, Zone zone, String refusal) {
    this.base = base;
    this.zone = zone;
    this.refusal = refusal;
  }

  Zone zone() {
    return zone;
  }

  String refusal() {
    return refusal;
  }

  EndpointUrl base() {
    return base;
  }

  ConnectionPool pool(RelayClient client) {
    Connections known = connections;
    if (known == null || known.client() != client) {
      known = new Connections(client, client.pool(base));
      connections = known;
    }
    return known.pool();
  }
}

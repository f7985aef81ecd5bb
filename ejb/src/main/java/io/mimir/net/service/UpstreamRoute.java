package io.mimir.net.service;

import io.mimir.net.EndpointUrl;
import io.mimir.net.Zone;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The way to an endpoint, worked out once so that a call need not. Its address was judged as it is
 * written; what a name resolves to is judged at each new connection.
 */
public final class UpstreamRoute {

  private static final int MAX_CACHED_PATHS = 64;

  private final EndpointUrl base;
  private final Zone zone;
  private final String refusal;
  private final Map<String, String> paths = new ConcurrentHashMap<>();
  private final Map<String, String> versionedPaths = new ConcurrentHashMap<>();
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

  /** Returns the path of an address below the base, as {@link EndpointUrl#resolve} has it. */
  public String path(String below) {
    return cached(paths, below, false);
  }

  /**
   * Returns the path of an address below the base, as {@link EndpointUrl#resolveVersioned} has it.
   */
  public String versionedPath(String below) {
    return cached(versionedPaths, below, true);
  }

  private String cached(Map<String, String> known, String below, boolean versioned) {
    String path = known.get(below);
    if (path == null) {
      var uri = versioned ? base.resolveVersioned(below) : base.resolve(below);
      path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
      if (known.size() < MAX_CACHED_PATHS) {
        known.put(below, path);
      }
    }
    return path;
  }
}

package io.mimir.net.service;

import io.mimir.net.EndpointUrl;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/**
 * The client for one zone: connections that are kept, one call at a time on each. The request is
 * written by the thread that has it, and the answer is handed on by the thread that reads it: there
 * is no queue and no other thread between them.
 */
final class RelayClient {

  private final RelayConnector connector;
  private final Map<String, ConnectionPool> pools = new ConcurrentHashMap<>();

  RelayClient(PathFinder paths, SSLContext tls) {
    connector = new RelayConnector(paths, tls);
  }

  /** Returns the connections to one origin, whose zone is the client's own. */
  ConnectionPool pool(EndpointUrl base) {
    return pools.computeIfAbsent(base.origin(), origin -> new ConnectionPool(base, connector));
  }

  void close() {
    connector.close();
  }
}

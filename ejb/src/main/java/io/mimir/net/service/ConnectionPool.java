package io.mimir.net.service;

import io.mimir.net.EndpointUrl;
import java.time.Duration;
import java.util.ArrayDeque;
import org.apache.hc.core5.http.HttpHost;

/** The connections to one scheme, host and port: one call at a time on each. */
final class ConnectionPool implements RelayConnection.Owner, RelayExchange.Origin {

  private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);

  private final RelayConnector connector;
  private final boolean secure;
  private final HttpHost host;
  private final String root;
  private final String hostHeader;
  private final ArrayDeque<RelayConnection> idle = new ArrayDeque<>();

  ConnectionPool(EndpointUrl base, RelayConnector connector) {
    this.connector = connector;
    this.secure = base.isHttps();
    this.root = base.root();
    String bare = base.host().replaceAll("[\\[\\]]", "");
    this.host = new HttpHost(secure ? "https" : "http", bare, base.port());
    boolean usual = base.port() == (secure ? 443 : 80);
    this.hostHeader = usual ? base.host() : base.host() + ":" + base.port();
  }

  @Override
  public boolean isSecure() {
    return secure;
  }

  @Override
  public String root() {
    return root;
  }

  @Override
  public String hostHeader() {
    return hostHeader;
  }

  /**
   * Sends a request on a connection that is there, or on a new one. One that may not be sent twice
   * gets a new one: the other side may be closing the others at this moment.
   */
  void send(RelayExchange exchange) {
    RelayConnection free = exchange.isRepeatable() ? take() : null;
    if (free != null) {
      free.send(exchange);
    } else {
      connect(exchange);
    }
  }

  private RelayConnection take() {
    long oldest = System.nanoTime() - TIME_TO_LIVE.toNanos();
    RelayConnection free;
    do {
      synchronized (idle) {
        free = idle.pollLast();
      }
      if (free != null && free.bornAt() - oldest < 0) {
        free.close();
        continue;
      }
    } while (free != null && !free.claim());
    return free;
  }

  @Override
  public void release(RelayConnection connection) {
    synchronized (idle) {
      idle.addLast(connection);
    }
  }

  @Override
  public void gone(RelayConnection connection) {
    connector.closed();
    synchronized (idle) {
      idle.remove(connection);
    }
  }

  @Override
  public void connect(RelayExchange exchange) {
    connector.open(host, secure, () -> new RelayConnection(this), exchange);
  }
}

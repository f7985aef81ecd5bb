package io.mimir.net.service;

import io.mimir.net.EndpointUrl;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.DefaultConnectingIOReactor;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.reactor.IOSession;
import org.apache.hc.core5.reactor.ssl.SSLBufferMode;
import org.apache.hc.core5.reactor.ssl.TransportSecurityLayer;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * The way of a call that is passed on: connections that are kept, one call at a time on each, over
 * the reactor of HttpCore, which brings sockets, time-outs and TLS. The request is written by the
 * thread that has it, and the answer is handed on by the thread that reads it: there is no queue
 * and no other thread between them.
 */
final class RelayClient {

  static final Timeout CONNECT = Timeout.ofSeconds(5);

  /** A provider may close an idle connection when it likes; before that we do. */
  static final Timeout IDLE = Timeout.ofSeconds(30);

  private static final int MAX_CONNECTIONS = 2000;
  private static final int MAX_LOOKUPS = 4;
  private static final int MAX_WAITING_LOOKUPS = 1000;
  private static final TimeValue CLOCK = TimeValue.ofMilliseconds(250);
  private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);

  private final DnsResolver vetting;
  private final SSLContext tls;
  private final Duration longestPause;
  private final DefaultConnectingIOReactor reactor;
  private final ThreadPoolExecutor lookups;
  private final Map<String, Pool> pools = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();

  /**
   * @param vetting resolves and judges
   * @param longestPause how long an answer that has begun may pause
   */
  RelayClient(DnsResolver vetting, SSLContext tls, Duration longestPause) {
    this.vetting = vetting;
    this.tls = tls;
    this.longestPause = longestPause;
    this.reactor =
        new DefaultConnectingIOReactor(
            (session, attachment) -> (RelayConnection) attachment,
            IOReactorConfig.custom()
                .setIoThreadCount(Math.min(2, Runtime.getRuntime().availableProcessors()))
                .setSelectInterval(CLOCK)
                .setSoKeepAlive(true)
                .setTcpNoDelay(true)
                .build(),
            work -> daemon(work, "mimir-relay"),
            null,
            RelayConnection::unexpected,
            null,
            null);
    this.lookups =
        new ThreadPoolExecutor(
            MAX_LOOKUPS,
            MAX_LOOKUPS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING_LOOKUPS),
            work -> daemon(work, "mimir-relay-lookup"));
    lookups.allowCoreThreadTimeOut(true);
    reactor.start();
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  Duration longestPause() {
    return longestPause;
  }

  /** The connections to one origin; the origin's zone is the client's own. */
  Pool pool(EndpointUrl base) {
    return pools.computeIfAbsent(base.origin(), origin -> new Pool(base));
  }

  void close() {
    lookups.shutdownNow();
    reactor.close(CloseMode.IMMEDIATE);
  }

  /** Connections to one scheme, host and port. */
  final class Pool {

    private final boolean secure;
    private final HttpHost host;
    private final String hostHeader;
    private final ArrayDeque<RelayConnection> idle = new ArrayDeque<>();

    private Pool(EndpointUrl base) {
      this.secure = base.isHttps();
      String bare = base.host().replaceAll("[\\[\\]]", "");
      this.host = new HttpHost(secure ? "https" : "http", bare, base.port());
      boolean usual = base.port() == (secure ? 443 : 80);
      this.hostHeader = usual ? base.host() : base.host() + ":" + base.port();
    }

    RelayClient client() {
      return RelayClient.this;
    }

    boolean isSecure() {
      return secure;
    }

    String hostHeader() {
      return hostHeader;
    }

    /** Sends a request on a connection that is there, or on a new one. */
    void send(RelayExchange exchange) {
      RelayConnection free = take();
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

    void release(RelayConnection connection) {
      synchronized (idle) {
        idle.addLast(connection);
      }
    }

    /** The connection is closed. */
    void gone(RelayConnection connection) {
      connections.decrementAndGet();
      synchronized (idle) {
        idle.remove(connection);
      }
    }

    /** Sends on a new connection, whatever is idle. */
    void connect(RelayExchange exchange) {
      if (connections.incrementAndGet() > MAX_CONNECTIONS) {
        connections.decrementAndGet();
        exchange.fail(new ConnectException("There are too many connections to providers"));
        return;
      }
      try {
        lookups.execute(() -> resolve(exchange));
      } catch (RejectedExecutionException e) {
        connections.decrementAndGet();
        exchange.fail(new ConnectException("Too many connections are being opened"));
      }
    }

    private void resolve(RelayExchange exchange) {
      List<InetSocketAddress> addresses;
      try {
        addresses = vetting.resolve(host.getHostName(), host.getPort());
      } catch (UnknownHostException e) {
        connections.decrementAndGet();
        exchange.fail(e);
        return;
      }
      tryNext(exchange, addresses, 0);
    }

    private void tryNext(RelayExchange exchange, List<InetSocketAddress> addresses, int index) {
      RelayConnection connection = new RelayConnection(this, RelayClient.this);
      FutureCallback<IOSession> connected =
          new FutureCallback<>() {
            @Override
            public void completed(IOSession session) {
              if (secure) {
                secure(session, connection, exchange);
              } else {
                connection.opened(session, exchange);
              }
            }

            @Override
            public void failed(Exception cause) {
              if (index + 1 < addresses.size()) {
                tryNext(exchange, addresses, index + 1);
              } else {
                connections.decrementAndGet();
                exchange.fail(cause);
              }
            }

            @Override
            public void cancelled() {
              failed(new ConnectException("The connection was given up"));
            }
          };
      try {
        reactor.connect(host, addresses.get(index), null, CONNECT, connection, connected);
      } catch (RuntimeException e) {
        // The reactor has been shut down.
        connections.decrementAndGet();
        exchange.fail(new IOException("Calls to providers have ended"));
      }
    }

    private void secure(IOSession session, RelayConnection connection, RelayExchange exchange) {
      ((TransportSecurityLayer) session)
          .startTls(
              tls,
              host,
              SSLBufferMode.STATIC,
              (endpoint, engine) -> prepare(engine),
              null,
              CONNECT,
              new FutureCallback<>() {
                @Override
                public void completed(TransportSecurityLayer secured) {
                  connection.opened(session, exchange);
                }

                @Override
                public void failed(Exception cause) {
                  session.close(CloseMode.IMMEDIATE);
                  connections.decrementAndGet();
                  exchange.fail(cause);
                }

                @Override
                public void cancelled() {
                  failed(new ConnectException("The connection was given up"));
                }
              });
    }

    /** The certificate has to be for this very host, and one stream is on a connection. */
    private void prepare(SSLEngine engine) {
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      parameters.setApplicationProtocols(new String[] {"http/1.1"});
      parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
      engine.setSSLParameters(parameters);
    }
  }
}

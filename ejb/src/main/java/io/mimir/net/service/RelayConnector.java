package io.mimir.net.service;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.net.HttpProxy;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedSelectorException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.DefaultConnectingIOReactor;
import org.apache.hc.core5.reactor.EventMask;
import org.apache.hc.core5.reactor.IOEventHandler;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.reactor.IOSession;
import org.apache.hc.core5.reactor.ssl.SSLBufferMode;
import org.apache.hc.core5.reactor.ssl.TransportSecurityLayer;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Makes new connections over the reactor of HttpCore: looks the host up, tries its addresses,
 * passes a proxy and secures the connection, and hands the call to it. All of that fails with a
 * {@link ConnectFailedException}, or with what a rule or the proxy said.
 */
final class RelayConnector {

  private static final System.Logger LOG = System.getLogger(RelayConnector.class.getName());

  private static final Timeout CONNECT = Timeout.ofSeconds(5);
  private static final int MAX_CONNECTIONS = 2000;
  private static final int MAX_LOOKUPS = 4;
  private static final int MAX_WAITING_LOOKUPS = 1000;
  private static final int KEEP_ALIVE_SECONDS = 45;
  private static final TimeValue CLOCK = TimeValue.ofMilliseconds(250);

  private final PathFinder paths;
  private final SSLContext tls;
  private final DefaultConnectingIOReactor reactor;
  private final ThreadPoolExecutor lookups;
  private final AtomicInteger connections = new AtomicInteger();

  RelayConnector(PathFinder paths, SSLContext tls) {
    this.paths = paths;
    this.tls = tls;
    this.reactor =
        new DefaultConnectingIOReactor(
            (session, attachment) -> (IOEventHandler) attachment,
            IOReactorConfig.custom()
                .setIoThreadCount(Math.min(2, Runtime.getRuntime().availableProcessors()))
                .setSelectInterval(CLOCK)
                // A model may think for minutes; routers on the way forget what is silent.
                .setSoKeepAlive(true)
                .setTcpKeepIdle(KEEP_ALIVE_SECONDS)
                .setTcpKeepInterval(KEEP_ALIVE_SECONDS)
                .setTcpNoDelay(true)
                .build(),
            work -> daemon(work, "mimir-relay"),
            null,
            RelayConnector::unexpected,
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

  /**
   * Logs an error of the reactor. Nothing that this server does reaches here; what does is a
   * mistake worth a line in the log.
   */
  private static void unexpected(Exception e) {
    if (e instanceof ClosedSelectorException) {
      // The reactor's way to say that it was closed.
      return;
    }
    LOG.log(WARNING, "A connection to a provider failed", e);
  }

  void close() {
    lookups.shutdownNow();
    reactor.close(CloseMode.IMMEDIATE);
  }

  /** Notes that a connection which had been opened is closed. */
  void closed() {
    connections.decrementAndGet();
  }

  /**
   * Makes a connection and sends a call on it.
   *
   * @param fresh makes the connection that the socket is for
   */
  void open(
      HttpHost host, boolean secure, Supplier<RelayConnection> fresh, RelayExchange exchange) {
    Opening opening = new Opening(host, secure, fresh, exchange);
    if (connections.incrementAndGet() > MAX_CONNECTIONS) {
      opening.fail(new ConnectException("There are too many connections to providers"));
      return;
    }
    try {
      lookups.execute(opening::resolve);
    } catch (RejectedExecutionException e) {
      opening.fail(new ConnectException("Too many connections are being opened"));
    }
  }

  /** A connection on its way. */
  private final class Opening {

    private final HttpHost host;
    private final boolean secure;
    private final Supplier<RelayConnection> fresh;
    private final RelayExchange exchange;
    private EgressPath path;

    Opening(
        HttpHost host, boolean secure, Supplier<RelayConnection> fresh, RelayExchange exchange) {
      this.host = host;
      this.secure = secure;
      this.fresh = fresh;
      this.exchange = exchange;
    }

    void resolve() {
      try {
        path = paths.find(host.getHostName(), host.getPort());
      } catch (BlockedException | ConnectFailedException e) {
        refuse(e);
        return;
      } catch (RuntimeException e) {
        // Nobody else would hear of it, and the call would wait for ever.
        unexpected(e);
        fail(new ConnectException("The way to the provider could not be found"));
        return;
      }
      tryNext(0);
    }

    private void tryNext(int index) {
      RelayConnection connection = fresh.get();
      HttpProxy proxy = path.proxy();
      Socket socket = new Socket(this, connection, index);
      ProxyTunnel tunnel =
          proxy == null || !secure ? null : new ProxyTunnel(proxy, authority(), socket);
      socket.tunnel = tunnel;
      HttpHost named = proxy == null ? host : new HttpHost("http", proxy.host(), proxy.port());
      try {
        reactor.connect(
            named,
            path.addresses().get(index),
            null,
            CONNECT,
            tunnel == null ? connection : tunnel,
            socket);
      } catch (RuntimeException e) {
        // The reactor has been shut down.
        fail(new IOException("Calls to providers have ended"));
      }
    }

    private String authority() {
      String name = host.getHostName();
      return (name.indexOf(':') < 0 ? name : "[" + name + "]") + ":" + host.getPort();
    }

    /** Goes to the next address when there is one. */
    void missed(int index, Exception cause) {
      if (index + 1 < path.addresses().size()) {
        tryNext(index + 1);
      } else {
        fail(cause);
      }
    }

    void secure(IOSession session, RelayConnection connection) {
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
                  connection.opened(session, exchange, null);
                }

                @Override
                public void failed(Exception cause) {
                  session.close(CloseMode.IMMEDIATE);
                  refuse(new ConnectFailedException(false, unhurried(cause)));
                }

                @Override
                public void cancelled() {
                  failed(new ConnectException("The connection was given up"));
                }
              });
    }

    void fail(Exception cause) {
      refuse(new ConnectFailedException(path != null && path.proxy() != null, unhurried(cause)));
    }

    void refuse(Exception cause) {
      connections.decrementAndGet();
      exchange.fail(cause);
    }
  }

  /** One attempt at one address. */
  private static final class Socket implements FutureCallback<IOSession>, ProxyTunnel.Outcome {

    private final Opening opening;
    private final RelayConnection connection;
    private final int index;
    private ProxyTunnel tunnel;
    private IOSession session;

    Socket(Opening opening, RelayConnection connection, int index) {
      this.opening = opening;
      this.connection = connection;
      this.index = index;
    }

    @Override
    public void completed(IOSession connected) {
      session = connected;
      if (tunnel != null) {
        tunnel.begin(connected);
      } else if (opening.secure) {
        opening.secure(connected, connection);
      } else {
        connection.opened(connected, opening.exchange, opening.path.proxy());
      }
    }

    @Override
    public void agreed() {
      session.upgrade(connection);
      session.setEvent(EventMask.WRITE);
      opening.secure(session, connection);
    }

    /** Comes from the socket as long as it is not connected, and then from the tunnel. */
    @Override
    public void failed(Exception cause) {
      if (session == null) {
        opening.missed(index, cause);
        return;
      }
      session.close(CloseMode.IMMEDIATE);
      if (cause instanceof ProxyRefusedException) {
        opening.refuse(cause);
      } else {
        opening.fail(cause);
      }
    }

    @Override
    public void cancelled() {
      failed(new ConnectException("The connection was given up"));
    }
  }

  /** To connect too slowly is to be out of reach; a silence is something else. */
  private static Exception unhurried(Exception cause) {
    return cause instanceof SocketTimeoutException
        ? new ConnectException("The connection took too long")
        : cause;
  }

  /** The certificate has to be for this very host, and one stream is on a connection. */
  private static void prepare(SSLEngine engine) {
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    engine.setSSLParameters(parameters);
  }
}

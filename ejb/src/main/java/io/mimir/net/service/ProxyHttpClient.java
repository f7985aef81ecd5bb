package io.mimir.net.service;

import io.mimir.net.EndpointUrl;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.nio.support.AsyncRequestBuilder;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.Timeout;

/**
 * The HTTP client for one kind of provider behind MIMIR_HTTP_PROXY; without a proxy, calls go
 * through {@link RelayClient}. Made at the first call: loading it takes longer than a start should.
 */
final class ProxyHttpClient {

  private static final Timeout CONNECT = Timeout.ofSeconds(5);
  private static final int MAX_CONNECTIONS = 2000;
  private static final int MAX_LINE_BYTES = 16 * 1024;
  private static final int MAX_HEADERS = 100;
  private static final int IO_THREADS = 2;

  private final CloseableHttpAsyncClient client;
  private final ScheduledThreadPoolExecutor clock;
  private final HttpHost proxy;
  private final Duration longestPause;

  /**
   * @param longestPause how long an answer that has begun may pause
   */
  ProxyHttpClient(DnsResolver vetting, NetConfig config, Duration longestPause) {
    this.longestPause = longestPause;
    HttpAsyncClientBuilder builder =
        HttpAsyncClients.custom()
            .setConnectionManager(
                PoolingAsyncClientConnectionManagerBuilder.create()
                    .setDnsResolver(vetting)
                    .setTlsStrategy(
                        ClientTlsStrategyBuilder.create()
                            .setSslContext(TrustAnchors.context(config.caFile().orElse(null)))
                            .buildAsync())
                    // One stream a connection, so that a cancelled call ends its socket.
                    .setDefaultTlsConfig(
                        TlsConfig.custom()
                            .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1)
                            .setHandshakeTimeout(CONNECT)
                            .build())
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                            .setConnectTimeout(CONNECT)
                            .setTimeToLive(Timeout.ofMinutes(5))
                            .build())
                    .setMaxConnTotal(MAX_CONNECTIONS)
                    .setMaxConnPerRoute(MAX_CONNECTIONS)
                    .build())
            .setIOReactorConfig(
                IOReactorConfig.custom()
                    .setIoThreadCount(IO_THREADS)
                    .setSoKeepAlive(true)
                    .setTcpNoDelay(true)
                    .build())
            .setHttp1Config(
                Http1Config.custom()
                    .setMaxLineLength(MAX_LINE_BYTES)
                    .setMaxHeaderCount(MAX_HEADERS)
                    .build())
            .disableRedirectHandling()
            .disableAutomaticRetries()
            .disableCookieManagement()
            .disableAuthCaching()
            // A few bytes could unpack to gigabytes, and unpacking would hold back a stream.
            .disableContentCompression()
            .addExecInterceptorLast("grip", ProxyHttpClient::takeHold)
            .setUserAgent("Mimir");
    proxy = config.httpProxy().map(ProxyHttpClient::host).orElse(null);
    client = builder.build();
    client.start();
    clock = new ScheduledThreadPoolExecutor(1, ProxyHttpClient::clockThread);
    clock.setRemoveOnCancelPolicy(true);
  }

  private static HttpHost host(EndpointUrl proxy) {
    String bare = proxy.host().replaceAll("[\\[\\]]", "");
    return new HttpHost(proxy.isHttps() ? "https" : "http", bare, proxy.port());
  }

  private static Thread clockThread(Runnable work) {
    Thread thread = new Thread(work, "mimir-net-clock");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Lets a call get hold of its connection: cancelling its future alone is noticed when the next
   * byte comes, which may be never.
   */
  private static void takeHold(
      HttpRequest request,
      AsyncEntityProducer body,
      AsyncExecChain.Scope scope,
      AsyncExecChain chain,
      AsyncExecCallback callback)
      throws HttpException, IOException {
    if (scope.clientContext.getAttribute(Grip.KEY) instanceof Grip grip) {
      grip.runtime = scope.execRuntime;
    }
    chain.proceed(request, body, scope, callback);
  }

  /** A call on its way, and the connection that it is on. */
  private static final class Grip extends CallHandle {

    private static final String KEY = "mimir.grip";

    private volatile AsyncExecRuntime runtime;
    private volatile Future<?> call;

    /** This client has no way to hold an answer back; what comes meanwhile is kept. */
    @Override
    public void pause() {
      // See above.
    }

    @Override
    public void resume() {
      // See above.
    }

    @Override
    public boolean cancel(boolean interrupt) {
      AsyncExecRuntime held = runtime;
      if (held != null) {
        held.discardEndpoint();
      }
      Future<?> sent = call;
      if (sent != null) {
        sent.cancel(true);
      }
      return super.cancel(interrupt);
    }
  }

  /** Sends a request through the proxy. */
  CallHandle send(EgressRequest sent, URI uri, ResponseHandler handler) {
    AsyncRequestBuilder request = AsyncRequestBuilder.create(sent.method()).setUri(uri);
    sent.headers().forEach(request::addHeader);
    request.setHeader("Accept-Encoding", "identity");
    if (sent.body() != null) {
      String type = sent.headers().get("Content-Type");
      request.setEntity(
          sent.body(), type == null ? ContentType.APPLICATION_JSON : ContentType.parse(type));
      request.removeHeaders("Content-Type");
    }
    HttpClientContext context = HttpClientContext.create();
    context.setRequestConfig(
        RequestConfig.custom()
            .setResponseTimeout(Timeout.of(sent.patience()))
            .setConnectionRequestTimeout(CONNECT)
            .setProtocolUpgradeEnabled(false)
            .setProxy(proxy)
            .build());
    Grip grip = new Grip();
    context.setAttribute(Grip.KEY, grip);
    Consumer consumer = new Consumer(handler);
    new Watch(consumer, grip, sent.patience()).run();
    grip.call = client.execute(request.build(), consumer, context, consumer.ending());
    return grip;
  }

  void close() {
    clock.shutdownNow();
    client.close(CloseMode.IMMEDIATE);
  }

  /** Ends a call that says nothing for too long: before its first byte, or between two pieces. */
  private final class Watch implements Runnable {

    private final Consumer consumer;
    private final Grip grip;
    private final Duration patience;

    Watch(Consumer consumer, Grip grip, Duration patience) {
      this.consumer = consumer;
      this.grip = grip;
      this.patience = patience;
    }

    @Override
    public void run() {
      if (consumer.over.get()) {
        return;
      }
      Duration limit = consumer.begun ? longestPause : patience;
      long left = limit.toNanos() - (System.nanoTime() - consumer.lastPiece);
      if (left > 0) {
        consumer.alarm = clock.schedule(this, left, TimeUnit.NANOSECONDS);
      } else {
        consumer.failed(new SocketTimeoutException("Nothing came for too long"));
        grip.cancel(true);
      }
    }
  }

  /** Passes an answer on, piece by piece. */
  private static final class Consumer implements AsyncResponseConsumer<Void> {

    private final ResponseHandler handler;
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean begun;
    private volatile long lastPiece = System.nanoTime();
    private volatile Future<?> alarm;
    private FutureCallback<Void> done;

    Consumer(ResponseHandler handler) {
      this.handler = handler;
    }

    @Override
    public void consumeResponse(
        HttpResponse response,
        EntityDetails entity,
        HttpContext context,
        FutureCallback<Void> callback)
        throws HttpException {
      done = callback;
      Header encoding = response.getFirstHeader("Content-Encoding");
      if (encoding != null && !encoding.getValue().strip().equalsIgnoreCase("identity")) {
        throw new ProtocolException("Compressed, which was not asked for");
      }
      handler.head(response);
      if (entity == null) {
        finish();
      }
    }

    private void finish() {
      if (isFirstEnd()) {
        handler.end();
        done.completed(null);
      }
    }

    private boolean isFirstEnd() {
      if (!over.compareAndSet(false, true)) {
        return false;
      }
      Future<?> set = alarm;
      if (set != null) {
        set.cancel(false);
      }
      return true;
    }

    @Override
    public void informationResponse(HttpResponse response, HttpContext context) {
      // 1xx says nothing that a call needs.
    }

    @Override
    public void updateCapacity(CapacityChannel channel) throws IOException {
      channel.update(Integer.MAX_VALUE);
    }

    @Override
    public void consume(ByteBuffer piece) throws IOException {
      if (over.get()) {
        throw new IOException("The call was given up");
      }
      begun = true;
      lastPiece = System.nanoTime();
      handler.data(piece);
    }

    @Override
    public void streamEnd(List<? extends Header> trailers) {
      finish();
    }

    @Override
    public void failed(Exception cause) {
      if (isFirstEnd()) {
        handler.failed(cause);
      }
    }

    /**
     * Comes before the cause of a failure in the middle of an answer: it may not take its place.
     */
    @Override
    public void releaseResources() {
      // There are none.
    }

    /** The end of the whole call, for failures that no answer got in the way of. */
    FutureCallback<Void> ending() {
      return new FutureCallback<>() {
        @Override
        public void completed(Void nothing) {
          // The end of the answer was it.
        }

        @Override
        public void failed(Exception cause) {
          Consumer.this.failed(cause);
        }

        @Override
        public void cancelled() {
          Consumer.this.failed(new IOException("The call was given up"));
        }
      };
    }
  }
}

package io.mimir.net.service;

import io.mimir.net.EndpointUrl;
import io.mimir.net.service.Outbound.Call;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
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
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
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
 * The HTTP client of one kind of provider. Made at the first call: loading it takes longer than a
 * start should.
 */
final class VettedClient {

  private static final Timeout CONNECT = Timeout.ofSeconds(5);
  private static final int MOST_CONNECTIONS = 2000;
  private static final int LONGEST_HEADER_LINE = 16 * 1024;
  private static final int MOST_HEADERS = 100;
  private static final int IO_THREADS = 2;

  private final CloseableHttpAsyncClient client;

  VettedClient(DnsResolver vetting, NetConfig config) {
    HttpAsyncClientBuilder builder =
        HttpAsyncClients.custom()
            .setConnectionManager(
                PoolingAsyncClientConnectionManagerBuilder.create()
                    .setDnsResolver(vetting)
                    .setTlsStrategy(
                        ClientTlsStrategyBuilder.create()
                            .setSslContext(sslContext(config))
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
                    .setMaxConnTotal(MOST_CONNECTIONS)
                    .setMaxConnPerRoute(MOST_CONNECTIONS)
                    .build())
            .setIOReactorConfig(
                IOReactorConfig.custom()
                    .setIoThreadCount(IO_THREADS)
                    .setSoKeepAlive(true)
                    .setTcpNoDelay(true)
                    .build())
            .setHttp1Config(
                Http1Config.custom()
                    .setMaxLineLength(LONGEST_HEADER_LINE)
                    .setMaxHeaderCount(MOST_HEADERS)
                    .build())
            .disableRedirectHandling()
            .disableAutomaticRetries()
            .disableCookieManagement()
            .disableAuthCaching()
            .addExecInterceptorLast("grip", VettedClient::takeHold)
            .setUserAgent("Mimir");
    config.httpProxy().map(VettedClient::host).ifPresent(builder::setProxy);
    client = builder.build();
    client.start();
  }

  private static HttpHost host(EndpointUrl proxy) {
    return new HttpHost(proxy.isHttps() ? "https" : "http", proxy.host(), proxy.port());
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
  private static final class Grip extends CompletableFuture<Void> {

    private static final String KEY = "mimir.grip";

    private volatile AsyncExecRuntime runtime;
    private volatile Future<?> call;

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

  Future<?> send(Call call, Receiver receiver) {
    AsyncRequestBuilder request = AsyncRequestBuilder.create(call.method()).setUri(call.uri());
    call.headers().forEach(request::addHeader);
    if (call.body() != null) {
      request.setEntity(call.body(), org.apache.hc.core5.http.ContentType.APPLICATION_JSON);
    }
    HttpClientContext context = HttpClientContext.create();
    context.setRequestConfig(
        RequestConfig.custom()
            .setResponseTimeout(Timeout.of(call.patience()))
            .setConnectionRequestTimeout(CONNECT)
            .build());
    Grip grip = new Grip();
    context.setAttribute(Grip.KEY, grip);
    Consumer consumer = new Consumer(receiver);
    grip.call = client.execute(request.build(), consumer, context, consumer.ending());
    return grip;
  }

  void close() {
    client.close(CloseMode.IMMEDIATE);
  }

  /** The default authorities, and those of MIMIR_CA_FILE besides. */
  private static SSLContext sslContext(NetConfig config) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      Path file = config.caFile().orElse(null);
      context.init(null, file == null ? null : trusting(file), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("MIMIR_CA_FILE holds no certificates in PEM form", e);
    }
  }

  private static TrustManager[] trusting(Path file) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int number = 0;
    TrustManagerFactory defaults =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    defaults.init((KeyStore) null);
    for (TrustManager manager : defaults.getTrustManagers()) {
      if (manager instanceof X509TrustManager known) {
        for (X509Certificate issuer : known.getAcceptedIssuers()) {
          store.setCertificateEntry("default-" + number++, issuer);
        }
      }
    }
    try (InputStream in = Files.newInputStream(file)) {
      for (Certificate own : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("own-" + number++, own);
      }
    }
    TrustManagerFactory all =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    all.init(store);
    return all.getTrustManagers();
  }

  /** Passes an answer on, piece by piece. */
  private static final class Consumer implements AsyncResponseConsumer<Void> {

    private final Receiver receiver;
    private FutureCallback<Void> done;
    private boolean over;

    Consumer(Receiver receiver) {
      this.receiver = receiver;
    }

    @Override
    public void consumeResponse(
        HttpResponse response,
        EntityDetails entity,
        HttpContext context,
        FutureCallback<Void> callback) {
      done = callback;
      receiver.head(response);
      if (entity == null) {
        finish();
      }
    }

    private void finish() {
      if (!over) {
        over = true;
        receiver.end();
        done.completed(null);
      }
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
      receiver.data(piece);
    }

    @Override
    public void streamEnd(List<? extends Header> trailers) {
      finish();
    }

    @Override
    public void failed(Exception cause) {
      if (!over) {
        over = true;
        receiver.failed(cause);
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

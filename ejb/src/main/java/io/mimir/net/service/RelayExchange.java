package io.mimir.net.service;

import io.mimir.net.HttpProxy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.util.ByteArrayBuffer;

/** One request and its answer, on whatever connection they are. */
final class RelayExchange extends CallHandle {

  /** One write of a small copy is cheaper than two. */
  private static final int MAX_COPIED_BYTES = 16 * 1024;

  /** The server that the call goes to. */
  interface Origin {

    /** Returns scheme, host and port: the beginning of each of its addresses. */
    String root();

    String hostHeader();

    /** Sends a call on a new connection. */
    void connect(RelayExchange exchange);
  }

  /** The connection that the call is on. */
  interface Carrier {

    void pause();

    void resume();

    /** Closes the connection if it still is this call's. */
    void abandon(RelayExchange given);
  }

  private final Origin origin;
  private final EgressRequest request;
  private final ResponseHandler handler;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicReference<Carrier> connection = new AtomicReference<>();
  private volatile boolean paused;
  private boolean secondTry;

  RelayExchange(Origin origin, EgressRequest request, ResponseHandler handler) {
    this.origin = origin;
    this.request = request;
    this.handler = handler;
  }

  Duration patience() {
    return request.patience();
  }

  boolean isRepeatable() {
    return request.repeatable();
  }

  /** Tells whether the answer will have no body, whatever its head says. */
  boolean wantsHeadOnly() {
    return request.method().equals("HEAD");
  }

  boolean isPaused() {
    return paused;
  }

  /**
   * Returns head and body, ready to be written. They hold the secret, and are gone with the
   * request.
   *
   * @param proxy what the connection leads to instead of the server; null for the server itself, or
   *     a tunnel to it
   */
  ByteBuffer[] request(HttpProxy proxy) {
    byte[] body = request.body();
    boolean small = body != null && body.length <= MAX_COPIED_BYTES;
    ByteArrayBuffer head = new ByteArrayBuffer(512 + (small ? body.length : 0));
    text(head, request.method());
    text(head, " ");
    if (proxy != null) {
      text(head, origin.root());
    }
    text(head, request.path());
    text(head, " HTTP/1.1\r\n");
    header(head, "Host", origin.hostHeader());
    if (proxy != null && proxy.authorization() != null) {
      header(head, "Proxy-Authorization", proxy.authorization());
    }
    request.headers().forEach((name, value) -> header(head, name, value));
    header(head, "Accept-Encoding", "identity");
    if (!request.headers().containsKey("User-Agent")) {
      header(head, "User-Agent", "Mimir");
    }
    if (body != null) {
      if (!request.headers().containsKey("Content-Type")) {
        header(head, "Content-Type", "application/json");
      }
      header(head, "Content-Length", Integer.toString(body.length));
    }
    text(head, "\r\n");
    if (small) {
      head.append(body, 0, body.length);
    }
    ByteBuffer written = ByteBuffer.wrap(head.array(), 0, head.length());
    return body == null || small
        ? new ByteBuffer[] {written}
        : new ByteBuffer[] {written, ByteBuffer.wrap(body)};
  }

  private static void header(ByteArrayBuffer head, String name, String value) {
    text(head, name);
    text(head, ": ");
    text(head, value);
    text(head, "\r\n");
  }

  /** In ISO 8859-1, straight into the bytes: no text that holds the secret is made. */
  private static void text(ByteArrayBuffer head, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      head.append(c < 0x100 ? c : '?');
    }
  }

  /**
   * @return false when the call has ended meanwhile, so the connection is not needed for it
   */
  boolean on(Carrier taken) {
    connection.set(taken);
    return !over.get();
  }

  void head(HttpResponse response) {
    handler.head(response);
  }

  /**
   * @return whether it brought some of what is waited for
   */
  boolean data(ByteBuffer piece) throws IOException {
    if (over.get()) {
      throw new IOException("The call was given up");
    }
    handler.data(piece);
    return handler.hasAdvanced();
  }

  void end() {
    if (over.compareAndSet(false, true)) {
      handler.end();
      complete(null);
    }
  }

  void fail(Exception cause) {
    if (over.compareAndSet(false, true)) {
      handler.failed(cause);
      complete(null);
    }
  }

  /**
   * A connection that was kept turned out to be closed before anything of the answer came: the
   * other side had closed it when the request arrived, so it is sent once more on a new one.
   */
  boolean retry() {
    if (secondTry || over.get() || !request.repeatable()) {
      return false;
    }
    secondTry = true;
    connection.set(null);
    origin.connect(this);
    return true;
  }

  @Override
  public void pause() {
    paused = true;
    Carrier on = connection.get();
    if (on != null) {
      on.pause();
    }
  }

  @Override
  public void resume() {
    paused = false;
    Carrier on = connection.get();
    if (on != null) {
      on.resume();
    }
  }

  @Override
  public boolean cancel(boolean interrupt) {
    boolean first = over.compareAndSet(false, true);
    Carrier on = connection.get();
    if (on != null) {
      on.abandon(this);
    }
    if (first) {
      handler.failed(new IOException("The call was given up"));
    }
    return super.cancel(interrupt);
  }
}

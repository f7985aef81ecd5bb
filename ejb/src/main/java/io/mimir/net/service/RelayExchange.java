package io.mimir.net.service;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.core5.http.HttpResponse;

/** One request and its answer, on whatever connection they are. */
final class RelayExchange extends Flow implements AnswerParser.Sink {

  /** One write of a small copy is cheaper than two. */
  private static final int LARGEST_COPIED = 16 * 1024;

  private final RelayClient.Pool pool;
  private final Outbound.Request request;
  private final Receiver receiver;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicReference<RelayConnection> connection = new AtomicReference<>();
  private volatile boolean paused;
  private boolean secondTry;

  RelayExchange(RelayClient.Pool pool, Outbound.Request request, Receiver receiver) {
    this.pool = pool;
    this.request = request;
    this.receiver = receiver;
  }

  Duration patience() {
    return request.patience();
  }

  boolean isOver() {
    return over.get();
  }

  boolean isPaused() {
    return paused;
  }

  /**
   * The whole request. It holds the secret, and is gone with the request.
   *
   * @return head and body, ready to be written
   */
  ByteBuffer[] request() {
    StringBuilder head = new StringBuilder(512);
    head.append(request.method()).append(' ').append(request.path()).append(" HTTP/1.1\r\nHost: ");
    head.append(pool.hostHeader()).append("\r\n");
    request
        .headers()
        .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Accept-Encoding: identity\r\n");
    if (!request.headers().containsKey("User-Agent")) {
      head.append("User-Agent: Mimir\r\n");
    }
    byte[] body = request.body();
    if (body != null) {
      if (!request.headers().containsKey("Content-Type")) {
        head.append("Content-Type: application/json\r\n");
      }
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    head.append("\r\n");
    byte[] bytes = head.toString().getBytes(StandardCharsets.ISO_8859_1);
    if (body == null) {
      return new ByteBuffer[] {ByteBuffer.wrap(bytes)};
    }
    if (body.length > LARGEST_COPIED) {
      return new ByteBuffer[] {ByteBuffer.wrap(bytes), ByteBuffer.wrap(body)};
    }
    byte[] all = Arrays.copyOf(bytes, bytes.length + body.length);
    System.arraycopy(body, 0, all, bytes.length, body.length);
    return new ByteBuffer[] {ByteBuffer.wrap(all)};
  }

  /**
   * @return false when the call has ended meanwhile, so the connection is not needed for it
   */
  boolean on(RelayConnection taken) {
    connection.set(taken);
    return !over.get();
  }

  @Override
  public void head(HttpResponse response) throws IOException {
    receiver.head(response);
  }

  @Override
  public void data(ByteBuffer piece) throws IOException {
    if (over.get()) {
      throw new IOException("The call was given up");
    }
    receiver.data(piece);
  }

  void end() {
    if (over.compareAndSet(false, true)) {
      receiver.end();
      complete(null);
    }
  }

  void fail(Exception cause) {
    if (over.compareAndSet(false, true)) {
      receiver.failed(cause);
      complete(null);
    }
  }

  /**
   * A connection that was kept turned out to be closed before anything of the answer came: the
   * other side had closed it when the request arrived, so it is sent once more on a new one.
   */
  boolean retry() {
    if (secondTry || over.get()) {
      return false;
    }
    secondTry = true;
    connection.set(null);
    pool.connect(this);
    return true;
  }

  @Override
  public void pause() {
    paused = true;
    RelayConnection on = connection.get();
    if (on != null) {
      on.pause();
    }
  }

  @Override
  public void resume() {
    paused = false;
    RelayConnection on = connection.get();
    if (on != null) {
      on.resume();
    }
  }

  @Override
  public boolean cancel(boolean interrupt) {
    boolean first = over.compareAndSet(false, true);
    RelayConnection on = connection.get();
    if (on != null) {
      on.abandon(this);
    }
    if (first) {
      receiver.failed(new IOException("The call was given up"));
    }
    return super.cancel(interrupt);
  }
}

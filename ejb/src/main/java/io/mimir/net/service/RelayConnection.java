package io.mimir.net.service;

import io.mimir.net.HttpProxy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.EventMask;
import org.apache.hc.core5.reactor.IOEventHandler;
import org.apache.hc.core5.reactor.IOSession;
import org.apache.hc.core5.util.Timeout;

/**
 * One connection to a provider. All its events come on one thread of the reactor; a request is
 * written by the thread that brings it, as far as the socket takes it at once.
 */
final class RelayConnection
    implements IOEventHandler, Http1ResponseParser.Sink, RelayExchange.Carrier {

  private static final int BUFFER_BYTES = 32 * 1024;

  /**
   * How soon after a request a kept connection has to end for that to be no answer to the request:
   * later, the server may have been at work on it.
   */
  private static final long STALE_NANOS = Duration.ofSeconds(5).toNanos();

  /** Read into by one thread of the reactor at a time, for as long as one call of it lasts. */
  private static final ThreadLocal<ByteBuffer> READ =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER_BYTES));

  /** The pool that the connection goes back to. */
  interface Owner {

    boolean isSecure();

    /** The connection is free for another call. */
    void release(RelayConnection connection);

    /** The connection is closed. */
    void gone(RelayConnection connection);
  }

  private final Owner owner;
  private final RequestWriter writer = new RequestWriter();
  private final Http1ResponseParser parser = new Http1ResponseParser();
  private final long bornAt = System.nanoTime();
  private final AtomicBoolean idle = new AtomicBoolean();
  private final AtomicBoolean counted = new AtomicBoolean();

  private volatile IOSession session;
  private volatile RelayExchange exchange;
  private volatile boolean reused;
  private volatile HttpProxy proxy;
  private Timeout idleTime = IdleTime.USUAL;
  private volatile long advancedAt;

  RelayConnection(Owner owner) {
    this.owner = owner;
  }

  long bornAt() {
    return bornAt;
  }

  /** Takes an idle connection for a call; false when it was closed or taken meanwhile. */
  boolean claim() {
    return idle.compareAndSet(true, false)
        && session != null
        && session.getStatus() == IOSession.Status.ACTIVE;
  }

  /**
   * Takes the first call: the socket is connected, and secured where that is asked for.
   *
   * @param through the proxy that the calls are to be written for; null for none, or a tunnel
   */
  void opened(IOSession opened, RelayExchange first, HttpProxy through) {
    session = opened;
    proxy = through;
    counted.set(true);
    opened.setEvent(EventMask.READ);
    if (opened.getStatus() == IOSession.Status.CLOSED) {
      leave();
      first.fail(new ConnectFailedException(through != null, null));
      return;
    }
    begin(first);
  }

  void send(RelayExchange next) {
    reused = true;
    begin(next);
  }

  private void begin(RelayExchange next) {
    if (!next.on(this)) {
      close();
      return;
    }
    underLock(
        () -> {
          parser.begin(next.wantsHeadOnly());
          advancedAt = System.nanoTime();
          writer.begin(next.request(proxy));
          session.setSocketTimeout(Timeout.of(next.patience()));
          session.updateWriteTime();
          exchange = next;
          if (owner.isSecure()) {
            // What is encrypted leaves on the reactor's thread only.
            writer.waitForRoom(session);
          } else {
            writer.write(session);
          }
        });
  }

  /** Something that may fail with the connection. */
  private interface Step {
    void take() throws IOException;
  }

  /**
   * Keeps two threads from writing at once. A failure is told when the lock is free again: whoever
   * hears of it has locks of its own, under which it may ask for this one. As long as the
   * connection is open a failure is not the end: a server that refuses a long body may have
   * answered before it closed, and reading shows which of the two it was.
   */
  private void underLock(Step step) {
    IOException failure = null;
    session.getLock().lock();
    try {
      step.take();
    } catch (IOException e) {
      failure = e;
      writer.stop(session);
    } finally {
      session.getLock().unlock();
    }
    if (failure != null && session.getStatus() != IOSession.Status.ACTIVE) {
      lost(failure);
    }
  }

  @Override
  public void connected(IOSession opened) {
    // The callback of the connection takes it from here.
  }

  @Override
  public void outputReady(IOSession ready) {
    session = ready;
    underLock(
        () -> {
          if (exchange == null) {
            ready.clearEvent(EventMask.WRITE);
          } else {
            writer.write(ready);
          }
        });
  }

  @Override
  public void inputReady(IOSession ready, ByteBuffer decrypted) {
    try {
      if (decrypted != null) {
        take(decrypted);
        return;
      }
      ByteBuffer buffer = READ.get();
      while (true) {
        buffer.clear();
        int count = read(ready, buffer);
        if (count < 0) {
          closedByPeer();
          return;
        }
        if (count == 0) {
          return;
        }
        buffer.flip();
        take(buffer);
        RelayExchange current = exchange;
        if (count < BUFFER_BYTES || current == null || current.isPaused()) {
          return;
        }
      }
    } catch (IOException e) {
      broken(e);
    }
  }

  private int read(IOSession ready, ByteBuffer buffer) {
    try {
      return ready.read(buffer);
    } catch (IOException e) {
      lost(e);
      return 0;
    }
  }

  private void take(ByteBuffer in) throws IOException {
    RelayExchange current = exchange;
    if (current == null) {
      // Nobody asked: what came belongs to no call, and must not be taken for the next answer.
      close();
      return;
    }
    if (parser.feed(in, this)) {
      complete(current, in.hasRemaining());
    } else if (exchange == current && !current.isPaused() && isOverdue(current)) {
      // What comes byte by byte, or says nothing, keeps the socket's own time-out from coming.
      silent(current);
    }
  }

  /** Tells whether too long has passed since the request had left and since anything came of it. */
  private boolean isOverdue(RelayExchange current) {
    long now = System.nanoTime();
    long patience = current.patience().toNanos();
    return now - advancedAt > patience && now - writer.sentAt() > patience;
  }

  private void complete(RelayExchange current, boolean more) {
    boolean keep = parser.isReusable() && !more && writer.isSent(session) && !current.isPaused();
    exchange = null;
    if (keep) {
      session.setSocketTimeout(idleTime);
      idle.set(true);
      owner.release(this);
    } else {
      close();
    }
    current.end();
  }

  @Override
  public void head(HttpResponse response) throws IOException {
    Header encoding = response.getFirstHeader("Content-Encoding");
    if (encoding != null && !encoding.getValue().strip().equalsIgnoreCase("identity")) {
      String what = "Compressed, which was not asked for";
      throw new IOException(what, new ProtocolException(what));
    }
    idleTime = IdleTime.after(response.getFirstHeader("Keep-Alive"));
    RelayExchange current = exchange;
    if (current != null) {
      if (proxy != null && response.getCode() == 407) {
        throw new ProxyRefusedException(407);
      }
      current.head(response);
    }
  }

  @Override
  public void data(ByteBuffer piece) throws IOException {
    RelayExchange current = exchange;
    if (current == null) {
      throw new IOException("The call was given up");
    }
    if (current.data(piece)) {
      advancedAt = System.nanoTime();
    }
  }

  private void closedByPeer() {
    RelayExchange current = exchange;
    if (current == null) {
      close();
    } else if (parser.closed()) {
      exchange = null;
      close();
      current.end();
    } else {
      lost(null);
    }
  }

  /**
   * Ends the call because of what came.
   *
   * @param cause why it is no answer, or is not wanted
   */
  private void broken(IOException cause) {
    RelayExchange current = exchange;
    exchange = null;
    close();
    if (current != null) {
      current.fail(cause);
    }
  }

  /**
   * @param cause null when the other side just closed the connection
   */
  private void lost(Exception cause) {
    RelayExchange current = exchange;
    exchange = null;
    boolean begun = parser.hasBegun();
    boolean soon = !writer.isSent() || System.nanoTime() - writer.sentAt() < STALE_NANOS;
    boolean stale = reused && !begun && soon;
    close();
    if (current != null && !(stale && current.retry())) {
      current.fail(new ConnectionLostException(begun, cause));
    }
  }

  private void silent(RelayExchange current) {
    boolean sent = writer.isSent();
    exchange = null;
    close();
    current.fail(new SilenceException(sent, parser.hasBegun(), current.patience()));
  }

  @Override
  public void timeout(IOSession slow, Timeout limit) {
    RelayExchange current = exchange;
    if (current == null) {
      close();
    } else {
      silent(current);
    }
  }

  @Override
  public void exception(IOSession failed, Exception cause) {
    lost(cause);
  }

  @Override
  public void disconnected(IOSession ended) {
    leave();
    RelayExchange current = exchange;
    if (current != null) {
      closedByPeer();
    }
  }

  private void leave() {
    if (counted.compareAndSet(true, false)) {
      owner.gone(this);
    }
  }

  @Override
  public void pause() {
    IOSession on = session;
    if (on != null) {
      on.clearEvent(EventMask.READ);
      on.setSocketTimeout(Timeout.DISABLED);
    }
  }

  @Override
  public void resume() {
    IOSession on = session;
    RelayExchange current = exchange;
    if (on != null && current != null) {
      advancedAt = System.nanoTime();
      on.setSocketTimeout(Timeout.of(current.patience()));
      on.setEvent(EventMask.READ);
    }
  }

  @Override
  public void abandon(RelayExchange given) {
    if (exchange == given) {
      exchange = null;
      close();
    }
  }

  void close() {
    IOSession on = session;
    idle.set(false);
    if (on != null) {
      on.close(CloseMode.IMMEDIATE);
    }
    leave();
  }
}

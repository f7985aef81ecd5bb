package io.mimir.net.service;

import static java.lang.System.Logger.Level.WARNING;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
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
final class RelayConnection implements IOEventHandler, Http1ResponseParser.Sink {

  private static final System.Logger LOG = System.getLogger(RelayConnection.class.getName());

  private static final int BUFFER = 32 * 1024;

  /** Read into by one thread of the reactor at a time, for as long as one call of it lasts. */
  private static final ThreadLocal<ByteBuffer> READ =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER));

  private final RelayClient.Pool pool;
  private final RelayClient client;
  private final Http1ResponseParser parser = new Http1ResponseParser();
  private final long bornAt = System.nanoTime();
  private final AtomicBoolean idle = new AtomicBoolean();
  private final AtomicBoolean counted = new AtomicBoolean();

  private volatile IOSession session;
  private volatile RelayExchange exchange;
  private volatile boolean reused;
  private boolean dataBegun;
  private long begunAt;
  private volatile ByteBuffer[] request;
  private int written;
  private boolean waitsForRoom;

  RelayConnection(RelayClient.Pool pool, RelayClient client) {
    this.pool = pool;
    this.client = client;
  }

  long bornAt() {
    return bornAt;
  }

  /** Nothing that this server does reaches here; what does is a mistake worth a line in the log. */
  static void unexpected(Exception e) {
    if (e instanceof ClosedSelectorException) {
      // The reactor's way to say that it was closed.
      return;
    }
    LOG.log(WARNING, "A connection to a provider failed", e);
  }

  /** Takes an idle connection for a call; false when it was closed or taken meanwhile. */
  boolean claim() {
    return idle.compareAndSet(true, false)
        && session != null
        && session.getStatus() == IOSession.Status.ACTIVE;
  }

  /** Connected, and secured where that is asked for. */
  void opened(IOSession opened, RelayExchange first) {
    session = opened;
    counted.set(true);
    opened.setEvent(EventMask.READ);
    if (opened.getStatus() == IOSession.Status.CLOSED) {
      leave();
      first.fail(new IOException("The provider closed the connection"));
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
          parser.begin();
          dataBegun = false;
          begunAt = System.nanoTime();
          request = next.request();
          written = 0;
          session.setSocketTimeout(Timeout.of(next.patience()));
          session.updateWriteTime();
          exchange = next;
          if (pool.isSecure()) {
            // What is encrypted leaves on the reactor's thread only.
            waitsForRoom = true;
            session.setEvent(EventMask.WRITE);
          } else {
            write();
          }
        });
  }

  /** Something that may fail with the connection. */
  private interface Step {
    void take() throws IOException;
  }

  /**
   * Keeps two threads from writing at once. A failure is told when the lock is free again: whoever
   * hears of it has locks of its own, under which it may ask for this one.
   */
  private void underLock(Step step) {
    IOException failure = null;
    session.getLock().lock();
    try {
      step.take();
    } catch (IOException e) {
      failure = e;
    } finally {
      session.getLock().unlock();
    }
    if (failure != null) {
      broken(failure);
    }
  }

  /** Writes what the socket takes; the rest when it is ready for more. */
  private void write() throws IOException {
    while (request != null && written < request.length) {
      ByteBuffer part = request[written];
      if (session.write(part) < 0) {
        throw new IOException("The provider closed the connection");
      }
      if (part.hasRemaining()) {
        if (!waitsForRoom) {
          waitsForRoom = true;
          session.setEvent(EventMask.WRITE);
        }
        return;
      }
      written++;
    }
    request = null;
    if (waitsForRoom) {
      waitsForRoom = false;
      session.clearEvent(EventMask.WRITE);
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
            write();
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
        int count = ready.read(buffer);
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
        if (count < BUFFER || current == null || current.isPaused()) {
          return;
        }
      }
    } catch (IOException e) {
      broken(e);
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
    } else if (!dataBegun && System.nanoTime() - begunAt > current.patience().toNanos()) {
      // A head that comes byte by byte keeps the socket's own time-out from coming.
      timeout(session, Timeout.of(current.patience()));
    }
  }

  private void complete(RelayExchange current, boolean more) {
    boolean keep = parser.isReusable() && !more && request == null && !current.isPaused();
    exchange = null;
    if (keep) {
      session.setSocketTimeout(RelayClient.IDLE);
      idle.set(true);
      pool.release(this);
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
    RelayExchange current = exchange;
    if (current != null) {
      current.head(response);
    }
  }

  @Override
  public void data(ByteBuffer piece) throws IOException {
    RelayExchange current = exchange;
    if (current == null) {
      throw new IOException("The call was given up");
    }
    if (!dataBegun) {
      dataBegun = true;
      if (!current.isPaused()) {
        session.setSocketTimeout(Timeout.of(pause(current)));
      }
    }
    current.data(piece);
  }

  /** An answer that has begun may pause as long as it was waited for, within reason. */
  private Duration pause(RelayExchange current) {
    Duration patience = current.patience();
    return patience.compareTo(client.longestPause()) < 0 ? patience : client.longestPause();
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
      broken(new IOException("The provider closed the connection"));
    }
  }

  private void broken(IOException cause) {
    RelayExchange current = exchange;
    exchange = null;
    boolean stale = reused && !parser.hasBegun();
    close();
    if (current != null && !(stale && current.retry())) {
      current.fail(cause);
    }
  }

  @Override
  public void timeout(IOSession slow, Timeout limit) {
    RelayExchange current = exchange;
    exchange = null;
    close();
    if (current != null) {
      current.fail(new SocketTimeoutException("Nothing came for too long"));
    }
  }

  @Override
  public void exception(IOSession failed, Exception cause) {
    broken(cause instanceof IOException io ? io : new IOException("The connection failed", cause));
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
      pool.gone(this);
    }
  }

  void pause() {
    IOSession on = session;
    if (on != null) {
      on.clearEvent(EventMask.READ);
      on.setSocketTimeout(Timeout.DISABLED);
    }
  }

  void resume() {
    IOSession on = session;
    RelayExchange current = exchange;
    if (on != null && current != null) {
      on.setSocketTimeout(Timeout.of(pause(current)));
      on.setEvent(EventMask.READ);
    }
  }

  /** The call on this connection is not wanted any more. */
  void abandon(RelayExchange given) {
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

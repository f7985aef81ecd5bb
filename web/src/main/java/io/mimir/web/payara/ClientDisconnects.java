package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tells when a client goes away while its request is suspended. Servlets have no word for that, and
 * Payara stops reading from a connection whose request is suspended, so it would not notice before
 * it writes. So the socket is looked at from outside, four times a second: one that has something
 * to read, but no bytes, has come to its end. Nothing is read from it, and nothing of the server's
 * own bookkeeping is touched: switching its reading on was tried, and now and then swallowed the
 * next request of the connection.
 *
 * <p>The socket is reached by reflection, because these classes of the server cannot be compiled
 * against; where they are not what is expected, this is logged once, and only streams notice (by
 * writing). A client that sends its next request early hides its end in the same way.
 */
@ApplicationScoped
public class ClientDisconnects {

  private static final System.Logger LOG = System.getLogger(ClientDisconnects.class.getName());
  private static final long EVERY_MS = 250;

  /** Looked up once: each look-up makes a copy. */
  private static final ClassValue<Map<String, Method>> METHODS =
      new ClassValue<>() {
        @Override
        protected Map<String, Method> computeValue(Class<?> type) {
          return new ConcurrentHashMap<>();
        }
      };

  @Resource ManagedScheduledExecutorService scheduler;

  private final AtomicBoolean warned = new AtomicBoolean();
  private Selector selector;
  private ScheduledFuture<?> looking;

  /** Looks after one request. */
  public interface Watch {

    /** Ends the watch; to be called before the answer, because the connection outlives it. */
    void end();
  }

  /**
   * @param gone called once, on a thread of the server, when the client of this request has left
   */
  public Watch watch(ServletRequest request, Runnable gone) {
    try {
      SelectionKey key = register(channelOf(request), gone);
      return () -> end(key);
    } catch (ClosedChannelException e) {
      // It has left already, and the server has noticed.
      scheduler.execute(gone);
      return () -> {};
    } catch (ReflectiveOperationException | IOException | RuntimeException e) {
      warn(e);
      return () -> {};
    }
  }

  /**
   * Ends the connection of a request whose answer broke off, where the answer's form has no word
   * for that: left open, it would look complete.
   */
  public void cut(ServletRequest request) {
    try {
      call(connectionOf(request), "closeSilently");
    } catch (ReflectiveOperationException | RuntimeException e) {
      warn(e);
    }
  }

  static SocketChannel channelOf(ServletRequest request) throws ReflectiveOperationException {
    return (SocketChannel) call(connectionOf(request), "getChannel");
  }

  static Object connectionOf(ServletRequest request) throws ReflectiveOperationException {
    return call(call(grizzlyOf(request), "getContext"), "getConnection");
  }

  /** The server's own request, behind all that is wrapped around it. */
  static Object grizzlyOf(ServletRequest request) throws ReflectiveOperationException {
    ServletRequest inner = request;
    while (inner instanceof ServletRequestWrapper wrapper) {
      inner = wrapper.getRequest();
    }
    return call(call(inner, "getUnwrappedCoyoteRequest"), "getCoyoteRequest");
  }

  /** Calls a public method without parameters. Some are called for each request. */
  static Object call(Object target, String method) throws ReflectiveOperationException {
    Map<String, Method> known = METHODS.get(target.getClass());
    Method found = known.get(method);
    if (found == null) {
      found = target.getClass().getMethod(method);
      known.put(method, found);
    }
    return found.invoke(target);
  }

  /** Calls a public method with one text. */
  static Object call(Object target, String method, String text)
      throws ReflectiveOperationException {
    Map<String, Method> known = METHODS.get(target.getClass());
    Method found = known.get(method + "(text)");
    if (found == null) {
      found = target.getClass().getMethod(method, String.class);
      known.put(method + "(text)", found);
    }
    return found.invoke(target, text);
  }

  private synchronized SelectionKey register(SocketChannel channel, Runnable gone)
      throws IOException {
    if (selector == null) {
      selector = Selector.open();
    }
    SelectionKey key = channel.register(selector, SelectionKey.OP_READ, gone);
    if (looking == null) {
      looking =
          scheduler.scheduleWithFixedDelay(this::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
    }
    return key;
  }

  private synchronized void end(SelectionKey key) {
    key.cancel();
    forgetCancelled();
  }

  /** A cancelled key is in the way of the next one for its connection until the next selection. */
  private void forgetCancelled() {
    try {
      if (selector.isOpen()) {
        selector.selectNow();
      }
    } catch (IOException e) {
      warn(e);
    }
  }

  private void look() {
    List<Runnable> left = new ArrayList<>();
    synchronized (this) {
      if (!selector.isOpen()) {
        return;
      }
      forgetCancelled();
      for (SelectionKey key : selector.selectedKeys()) {
        if (key.isValid() && hasEnded((SocketChannel) key.channel())) {
          left.add((Runnable) key.attachment());
          key.cancel();
        }
      }
      selector.selectedKeys().clear();
      forgetCancelled();
      if (selector.keys().isEmpty()) {
        looking.cancel(false);
        looking = null;
      }
    }
    left.forEach(Runnable::run);
  }

  private static boolean hasEnded(SocketChannel readable) {
    try {
      return readable.socket().getInputStream().available() == 0;
    } catch (IOException e) {
      return true;
    }
  }

  private void warn(Exception e) {
    if (warned.compareAndSet(false, true)) {
      LOG.log(
          WARNING,
          "This server does not tell when a client goes away: calls to providers run to their end",
          e);
    }
  }

  @PreDestroy
  synchronized void stop() {
    try {
      if (selector != null) {
        selector.close();
      }
    } catch (IOException e) {
      warn(e);
    }
  }
}

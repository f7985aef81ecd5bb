package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps the bodies of small requests until they are whole, so that no thread of the server waits
 * for the rest of one: 200 strangers who send a byte each would have all of them. A body that does
 * not become whole in time costs its sender the connection.
 *
 * <p>What the gateway reads it reads as it comes, and what is sent to plugins is read only for
 * callers who are known: both pass. What announces more than a body may have passes too, and is
 * refused unread.
 *
 * <p>The pieces of a body are the server's own, and are told to it by reflection; where its classes
 * are not what is expected, this is logged once and nothing is kept.
 */
@ApplicationScoped
public class HeldBodies {

  /** What a request of a page or of the API may have. */
  public static final int MAX_BYTES = 256 * 1024;

  private static final System.Logger LOG = System.getLogger(HeldBodies.class.getName());

  /** Where files, and inputs of many megabytes, are sent by administrators. */
  public static final String PLUGINS = "/api/v1/settings/plugins/";

  /** Less than the server itself allows a connection to be idle, so that the sender is told. */
  private static final long LONGEST = TimeUnit.SECONDS.toNanos(20);

  private static final long EVERY_MS = 1000;

  /** Senders of unfinished bodies at once; whoever comes then takes the place of the oldest. */
  private static final int MOST = 2_000;

  /** The part of the heap that unfinished bodies may take. */
  private static final int SHARE_OF_HEAP = 16;

  private static final RawAnswer TOO_SLOW =
      new RawAnswer(
          "408 Request Timeout",
          "request_timeout",
          "The rest of the body did not come: send it again");

  @Resource ManagedScheduledExecutorService scheduler;

  private final Map<Object, Held> held = new ConcurrentHashMap<>();
  private final AtomicBoolean warned = new AtomicBoolean();
  private final long room = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;

  /** Bytes of all of them together. */
  private final AtomicLong total = new AtomicLong();

  private volatile ScheduledFuture<?> looking;

  /**
   * An unfinished body.
   *
   * @param since when its first piece came
   */
  private record Held(long since, int bytes) {}

  /**
   * Looks at the form of a request, and at a piece of a body, together with those that came before
   * it.
   *
   * @param context of the server's chain of filters, at its last filter
   * @return what the chain is to do instead of going on; null when it is to go on
   */
  public Object hold(Object context) {
    try {
      Object content = ClientDisconnects.call(context, "getMessage");
      if (!content.getClass().getName().startsWith("org.glassfish.grizzly.http.Http")) {
        return null;
      }
      Object connection = ClientDisconnects.call(context, "getConnection");
      boolean isKnown = !held.isEmpty() && held.containsKey(connection);
      RawAnswer objection = isKnown ? null : RequestForm.objection(content);
      if (objection != null) {
        objection.end(connection);
        return ClientDisconnects.call(context, "getStopAction");
      }
      int bytes = unfinished(content, isKnown);
      if (bytes < 0) {
        if (isKnown) {
          forget(connection);
        }
        return null;
      }
      keep(connection, bytes);
      return context.getClass().getMethod("getStopAction", Object.class).invoke(context, content);
    } catch (ReflectiveOperationException | RuntimeException e) {
      if (warned.compareAndSet(false, true)) {
        LOG.log(WARNING, "Bodies that come slowly hold threads of this server", e);
      }
      return null;
    }
  }

  /** How much has come of a body that is to be waited for; negative when it is not. */
  private static int unfinished(Object content, boolean isKnown)
      throws ReflectiveOperationException {
    if (is(content, "isLast") || !isKnown && passes(content)) {
      return -1;
    }
    Object buffer = ClientDisconnects.call(content, "getContent");
    int bytes = buffer == null ? 0 : (int) ClientDisconnects.call(buffer, "remaining");
    return bytes > MAX_BYTES ? -1 : bytes;
  }

  /** Whether a request has no body, or one that is not to be waited for. */
  private static boolean passes(Object content) throws ReflectiveOperationException {
    Object request = ClientDisconnects.call(content, "getHttpHeader");
    return !is(request, "isExpectContent")
        || ClientDisconnects.call(request, "getHeader", "Expect") != null
        || (long) ClientDisconnects.call(request, "getContentLength") > MAX_BYTES
        || passes((String) ClientDisconnects.call(request, "getRequestURI"));
  }

  private static boolean is(Object target, String method) throws ReflectiveOperationException {
    return Boolean.TRUE.equals(ClientDisconnects.call(target, method));
  }

  /** By the address as it was sent: who writes it in another way is kept waiting, and no more. */
  private static boolean passes(String address) {
    return address.startsWith("/v1/")
        || address.startsWith("/ollama/")
        || address.startsWith(PLUGINS);
  }

  private void keep(Object connection, int bytes) {
    held.compute(
        connection,
        (same, before) -> {
          total.addAndGet(bytes - (before == null ? 0 : before.bytes()));
          return new Held(before == null ? System.nanoTime() : before.since(), bytes);
        });
    if (held.size() > MOST || total.get() > room) {
      held.entrySet().stream()
          .min((one, other) -> Long.compare(one.getValue().since(), other.getValue().since()))
          .ifPresent(oldest -> end(oldest.getKey()));
    }
  }

  /** Tells whether it was kept. */
  private boolean forget(Object connection) {
    Held body = held.remove(connection);
    if (body != null) {
      total.addAndGet(-body.bytes());
    }
    return body != null;
  }

  /**
   * Begins to look after bodies; on a thread of a request, where the server's services are found.
   */
  public synchronized void start() {
    if (looking == null) {
      looking =
          scheduler.scheduleWithFixedDelay(this::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    long now = System.nanoTime();
    held.forEach(
        (connection, body) -> {
          if (now - body.since() > LONGEST) {
            end(connection);
          } else if (!isOpen(connection)) {
            forget(connection);
          }
        });
  }

  private static boolean isOpen(Object connection) {
    try {
      return is(connection, "isOpen");
    } catch (ReflectiveOperationException | RuntimeException e) {
      return false;
    }
  }

  /** Tells the sender, as far as the connection takes it at once, and ends it. */
  private void end(Object connection) {
    if (forget(connection)) {
      TOO_SLOW.end(connection);
    }
  }

  @PreDestroy
  void stop() {
    if (looking != null) {
      looking.cancel(false);
    }
  }
}

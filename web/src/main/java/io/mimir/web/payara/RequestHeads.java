package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks at what comes in on each connection before the server's own reader does: that it has the
 * form of requests ({@link RequestFraming}), and that the head of each comes in time. The server
 * counts the seconds since the last byte, so that a letter now and then would keep a connection for
 * hours; and it counts the same seconds between two requests, where they have to be many: whoever
 * keeps connections, a balancer above all, has to be the one who closes them, or a request that
 * cannot be repeated is lost now and then on a connection that the server is just closing. A body
 * that has stopped, long since answered perhaps, ends its connection too.
 *
 * <p>Laid around the filter before the server's reader, whose classes are reached by reflection;
 * where they are not what is expected, this is logged once and nothing is looked at.
 */
@ApplicationScoped
public class RequestHeads {

  private static final System.Logger LOG = System.getLogger(RequestHeads.class.getName());

  private static final long LONGEST = TimeUnit.SECONDS.toNanos(30);

  /** More than anybody who reads a body waits for its next byte, so that the sender is told. */
  private static final long LONGEST_SILENCE = TimeUnit.SECONDS.toNanos(40);

  private static final long EVERY_MS = 1000;

  private static final RawAnswer TOO_SLOW =
      new RawAnswer(
          "408 Request Timeout",
          "request_timeout",
          "The rest of the request did not come: send it again");

  @Resource ManagedScheduledExecutorService scheduler;

  private final Map<Object, Arriving> connections = new ConcurrentHashMap<>();

  /** Those of them that have not sent a whole head, and since when. */
  private final Map<Object, Long> waiting = new ConcurrentHashMap<>();

  private final ClosedConnections closed = new ClosedConnections();
  private final AtomicBoolean warned = new AtomicBoolean();
  private ScheduledFuture<?> looking;

  private static final class Arriving {

    private final RequestFraming framing = new RequestFraming();

    /** Read by the thread that looks for those that take too long, like the next one. */
    private volatile boolean inHead;

    /** When the last piece of an unfinished body came, by the clock of nanoseconds. */
    private volatile Long bodySeen;
  }

  /**
   * Begins to look after heads; on a thread of a request, where the server's services are found.
   *
   * @param reader the filter of the server that reads requests
   */
  synchronized void start(Object reader) {
    if (looking == null) {
      closed.of(reader);
      looking =
          scheduler.scheduleWithFixedDelay(this::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Does what the filter does that this is laid around, and looks at what comes of it.
   *
   * @param wrapped the filter
   * @param method of the interface of filters
   * @param arguments of the call; the first one is the context
   * @return what the filter says, or that the chain is to stop
   */
  Object handle(Object wrapped, Method method, Object[] arguments) throws Throwable {
    Object said = UpgradeOffers.invoke(wrapped, method, arguments);
    return switch (method.getName()) {
      case "handleAccept" -> {
        opened(arguments[0]);
        yield said;
      }
      case "handleClose" -> {
        closed(arguments[0]);
        yield said;
      }
      case "handleRead" ->
          isInOrder(arguments[0]) ? said : ClientDisconnects.call(arguments[0], "getStopAction");
      default -> said;
    };
  }

  private void opened(Object context) throws ReflectiveOperationException {
    Object connection = ClientDisconnects.call(context, "getConnection");
    connections.put(connection, new Arriving());
    await(connection);
  }

  private void closed(Object context) throws ReflectiveOperationException {
    Object connection = ClientDisconnects.call(context, "getConnection");
    connections.remove(connection);
    waiting.remove(connection);
    closed.forget(connection);
  }

  private boolean isInOrder(Object context) {
    try {
      Object message = ClientDisconnects.call(context, "getMessage");
      if (message == null) {
        return true;
      }
      Object connection = ClientDisconnects.call(context, "getConnection");
      ByteBuffer bytes = (ByteBuffer) ClientDisconnects.call(message, "toByteBuffer");
      return isInOrder(connection, bytes.duplicate());
    } catch (ReflectiveOperationException | RuntimeException e) {
      if (warned.compareAndSet(false, true)) {
        LOG.log(WARNING, "The form of requests is not looked at on this server", e);
      }
      return true;
    }
  }

  private boolean isInOrder(Object connection, ByteBuffer bytes) {
    Arriving arriving = connections.computeIfAbsent(connection, unseen -> new Arriving());
    RawAnswer objection = arriving.framing.read(bytes);
    if (objection != null) {
      objection.end(connection);
      return false;
    }
    if (arriving.framing.isHeadDue()) {
      arriving.inHead = arriving.framing.isInHead();
      await(connection);
    } else if (!waiting.isEmpty()) {
      waiting.remove(connection);
    }
    arriving.bodySeen = arriving.framing.isInBody() ? System.nanoTime() : null;
    return true;
  }

  private void await(Object connection) {
    waiting.putIfAbsent(connection, System.nanoTime());
  }

  private void look() {
    long now = System.nanoTime();
    waiting.forEach(
        (connection, since) -> {
          if (now - since > LONGEST) {
            end(connection);
          }
        });
    connections.forEach(
        (connection, arriving) -> {
          Long seen = arriving.bodySeen;
          if (seen != null && now - seen > LONGEST_SILENCE) {
            RawAnswer.close(connection);
          }
        });
  }

  /**
   * Who has sent nothing yet is told nothing: a browser that has opened a connection in advance
   * would take it for the answer to what it asks next.
   */
  private void end(Object connection) {
    waiting.remove(connection);
    Arriving arriving = connections.get(connection);
    if (arriving != null && arriving.inHead) {
      TOO_SLOW.end(connection);
    } else {
      RawAnswer.close(connection);
    }
  }

  @PreDestroy
  void stop() {
    if (looking != null) {
      looking.cancel(false);
    }
  }
}

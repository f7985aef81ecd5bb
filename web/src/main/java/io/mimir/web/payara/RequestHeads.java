package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
 * where they are not what is expected, this is logged once and nothing is looked at. No bean: each
 * piece that comes in or goes out would go through a proxy.
 */
final class RequestHeads {

  private static final System.Logger LOG = System.getLogger(RequestHeads.class.getName());

  private static final long LONGEST = TimeUnit.SECONDS.toNanos(30);

  /** More than anybody who reads a body waits for its next byte, so that the sender is told. */
  private static final long LONGEST_SILENCE = TimeUnit.SECONDS.toNanos(40);

  private static final RawAnswer TOO_SLOW =
      new RawAnswer(
          "408 Request Timeout",
          "request_timeout",
          "The rest of the request did not come: send it again");

  private final Map<Object, Arriving> connections = new ConcurrentHashMap<>();
  private final ClosedConnections closed;
  private final AtomicBoolean warned = new AtomicBoolean();

  /** What the thread that looks for those that take too long reads is volatile. */
  private static final class Arriving {

    private final RequestFraming framing = new RequestFraming();

    /** Since when a head is due, by the clock of nanoseconds; null when none is. */
    private volatile Long headDue = System.nanoTime();

    private volatile boolean inHead;

    /** When the last piece of an unfinished body came, by the same clock. */
    private volatile Long bodySeen;
  }

  /**
   * @param reader the filter of the server that reads requests
   */
  RequestHeads(Object reader) {
    closed = new ClosedConnections(reader);
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
      case "handleRead" -> {
        SpareRequests.provide();
        yield isInOrder(arguments[0])
            ? said
            : ClientDisconnects.call(arguments[0], "getStopAction");
      }
      default -> said;
    };
  }

  private void opened(Object context) throws ReflectiveOperationException {
    Object connection = ClientDisconnects.call(context, "getConnection");
    connections.put(connection, new Arriving());
  }

  private void closed(Object context) throws ReflectiveOperationException {
    Object connection = ClientDisconnects.call(context, "getConnection");
    connections.remove(connection);
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
    if (!arriving.framing.isHeadDue()) {
      arriving.headDue = null;
    } else {
      arriving.inHead = arriving.framing.isInHead();
      if (arriving.headDue == null) {
        arriving.headDue = System.nanoTime();
      }
    }
    arriving.bodySeen = arriving.framing.isInBody() ? System.nanoTime() : null;
    return true;
  }

  /** Ends the connections that take too long; to be called every second. */
  void look() {
    long now = System.nanoTime();
    connections.forEach(
        (connection, arriving) -> {
          if (isOver(arriving.headDue, LONGEST, now)) {
            end(connection, arriving);
          } else if (isOver(arriving.bodySeen, LONGEST_SILENCE, now)) {
            RawAnswer.close(connection);
          }
        });
  }

  private static boolean isOver(Long since, long longest, long now) {
    return since != null && now - since > longest;
  }

  /**
   * Who has sent nothing yet is told nothing: a browser that has opened a connection in advance
   * would take it for the answer to what it asks next.
   */
  private static void end(Object connection, Arriving arriving) {
    if (arriving.inHead) {
      TOO_SLOW.end(connection);
    } else {
      RawAnswer.close(connection);
    }
  }
}

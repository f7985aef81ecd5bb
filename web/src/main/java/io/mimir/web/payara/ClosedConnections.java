package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets go of connections that have been closed. The server keeps each one that was used, with all
 * that belongs to it, until it would have been idle for too long: clients that connect anew for
 * each request would fill the memory. Reached by reflection; where its classes are not what is
 * expected, this is logged once.
 */
final class ClosedConnections {

  private static final System.Logger LOG = System.getLogger(ClosedConnections.class.getName());

  private final AtomicBoolean warned = new AtomicBoolean();
  private Object contexts;
  private Method contextOf;
  private Object queue;
  private Method remove;

  /**
   * @param reader the filter of the server that reads requests
   */
  ClosedConnections(Object reader) {
    try {
      Object known = field(reader, "keepAliveContextAttr");
      Object waiting = field(reader, "keepAliveQueue");
      Class<?> storage =
          Class.forName(
              "org.glassfish.grizzly.attributes.AttributeStorage",
              false,
              reader.getClass().getClassLoader());
      contextOf = known.getClass().getMethod("peek", storage);
      remove = waiting.getClass().getMethod("remove", Object.class);
      contexts = known;
      queue = waiting;
    } catch (ReflectiveOperationException | RuntimeException e) {
      warn(e);
    }
  }

  private static Object field(Object reader, String name) throws ReflectiveOperationException {
    Class<?> type = reader.getClass();
    while (!type.getName().equals("org.glassfish.grizzly.http.HttpServerFilter")) {
      type = type.getSuperclass();
    }
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(reader);
  }

  void forget(Object connection) {
    if (queue == null) {
      return;
    }
    try {
      Object context = contextOf.invoke(contexts, connection);
      if (context != null) {
        remove.invoke(queue, context);
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      warn(e);
    }
  }

  private void warn(Exception e) {
    if (warned.compareAndSet(false, true)) {
      LOG.log(WARNING, "The server keeps closed connections in its memory for a while", e);
    }
  }
}

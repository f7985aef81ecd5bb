package io.mimir.chat.web;

import static java.lang.System.Logger.Level.WARNING;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tells when a client goes away while its request is suspended. Servlets have no word for that, and
 * Payara stops reading from a connection whose request is suspended, so it would not notice before
 * it writes. Its connection can be told to go on reading, and then tells at once when it is closed.
 * These classes of the server cannot be compiled against, so they are reached by reflection; where
 * they are not what is expected, this is logged once, and only streams notice (by writing).
 */
final class Departures {

  private static final System.Logger LOG = System.getLogger(Departures.class.getName());
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private Departures() {}

  /** Looks after one request. */
  interface Watch {

    /**
     * Ends the watch; to be called before the last byte of the answer. The connection outlives the
     * request, and the client's next one must not be read before the server has let go of this one.
     */
    void end();
  }

  /**
   * @param gone called on a thread of the server's network when the connection of this request ends
   */
  static Watch watch(ServletRequest request, Runnable gone) {
    try {
      Object connection = connectionOf(request);
      ClassLoader grizzly = connection.getClass().getClassLoader();
      Class<?> listener = Class.forName("org.glassfish.grizzly.CloseListener", true, grizzly);
      Class<?> closeable = Class.forName("org.glassfish.grizzly.Closeable", true, grizzly);
      Class<?> event = Class.forName("org.glassfish.grizzly.IOEvent", true, grizzly);
      Object read = event.getField("READ").get(null);
      Object own = Proxy.newProxyInstance(grizzly, new Class<?>[] {listener}, calling(gone));
      Method remove = closeable.getMethod("removeCloseListener", listener);
      Method disable = connection.getClass().getMethod("disableIOEvent", event);
      closeable.getMethod("addCloseListener", listener).invoke(connection, own);
      connection.getClass().getMethod("enableIOEvent", event).invoke(connection, read);
      return () -> {
        try {
          remove.invoke(connection, own);
          disable.invoke(connection, read);
        } catch (ReflectiveOperationException e) {
          // The connection is closed: there is nothing left to watch.
        }
      };
    } catch (ReflectiveOperationException | RuntimeException e) {
      warn(e);
      return () -> {};
    }
  }

  private static void warn(Exception e) {
    if (WARNED.compareAndSet(false, true)) {
      LOG.log(
          WARNING,
          "This server does not tell when a client goes away: calls to providers run to their end",
          e);
    }
  }

  private static Object connectionOf(ServletRequest request) throws ReflectiveOperationException {
    ServletRequest inner = request;
    while (inner instanceof ServletRequestWrapper wrapper) {
      inner = wrapper.getRequest();
    }
    Object catalina = call(inner, "getUnwrappedCoyoteRequest");
    Object grizzly = call(catalina, "getCoyoteRequest");
    return call(call(grizzly, "getContext"), "getConnection");
  }

  private static Object call(Object target, String method) throws ReflectiveOperationException {
    return target.getClass().getMethod(method).invoke(target);
  }

  private static InvocationHandler calling(Runnable gone) {
    return (proxy, method, args) ->
        switch (method.getName()) {
          case "onClosed" -> {
            gone.run();
            yield null;
          }
          case "equals" -> proxy == args[0];
          case "hashCode" -> System.identityHashCode(proxy);
          default -> "Departures";
        };
  }
}

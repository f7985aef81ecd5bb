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
 * it writes. Its connection can be told to go on reading, and tells when it is closed: at once, for
 * plain connections as for TLS. These classes of the server cannot be compiled against, so they are
 * reached by reflection; where they are not what is expected, this is logged once, and only streams
 * notice (by writing).
 */
final class Departures {

  private static final System.Logger LOG = System.getLogger(Departures.class.getName());
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private Departures() {}

  /**
   * @param gone called on a thread of the server's network when the connection of this request
   *     ends; it must not mind being late
   * @return ends the watch: a connection outlives its requests
   */
  static Runnable whenGone(ServletRequest request, Runnable gone) {
    try {
      Object connection = connectionOf(request);
      ClassLoader grizzly = connection.getClass().getClassLoader();
      Class<?> listener = Class.forName("org.glassfish.grizzly.CloseListener", true, grizzly);
      Class<?> event = Class.forName("org.glassfish.grizzly.IOEvent", true, grizzly);
      Object own = Proxy.newProxyInstance(grizzly, new Class<?>[] {listener}, calling(gone));
      Class<?> closeable = Class.forName("org.glassfish.grizzly.Closeable", true, grizzly);
      Method remove = closeable.getMethod("removeCloseListener", listener);
      closeable.getMethod("addCloseListener", listener).invoke(connection, own);
      connection
          .getClass()
          .getMethod("enableIOEvent", event)
          .invoke(connection, event.getField("READ").get(null));
      return () -> {
        try {
          remove.invoke(connection, own);
        } catch (ReflectiveOperationException e) {
          warn(e);
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

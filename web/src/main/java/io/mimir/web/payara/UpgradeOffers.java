package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * Keeps the bodies of requests that offer HTTP/2 by an upgrade, as the JDK's client does with each
 * first one. The offer is not taken, since HTTP/2 in clear is off; but this server then reads no
 * body, because it takes what follows for another protocol. A last filter in the chain of the
 * listener, where nobody has taken the offer, says that it is a request like any other.
 *
 * <p>The chain is reached by reflection from the first request, which the launcher makes itself.
 * Where these classes of the server are not what is expected, this is logged once, and such clients
 * have to be told to speak HTTP/1.1.
 */
@ApplicationScoped
public class UpgradeOffers {

  private static final System.Logger LOG = System.getLogger(UpgradeOffers.class.getName());

  private volatile boolean settled;

  /**
   * Sees to it that no later request of this listener loses its body. The server closes a
   * connection that an upgrade was offered on, without a word: the client is told, so that it sends
   * nothing more there.
   */
  public void refuse(HttpServletRequest request, HttpServletResponse response) {
    if (!settled) {
      settle(request);
    }
    if (request.getHeader("Upgrade") != null) {
      response.setHeader("Connection", "close");
    }
  }

  private synchronized void settle(ServletRequest request) {
    if (settled) {
      return;
    }
    settled = true;
    try {
      Object connection = ClientDisconnects.connectionOf(request);
      Method processor = connection.getClass().getMethod("getProcessor");
      if (processor.invoke(connection) instanceof List<?> chain) {
        append(chain, connection.getClass().getClassLoader());
        forgetLengthOfChain(connection);
        return;
      }
      LOG.log(WARNING, "Clients that offer HTTP/2 in clear lose bodies: the server has no chain");
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.log(
          WARNING, "Clients that offer HTTP/2 in clear lose bodies: let them speak HTTP/1.1", e);
    }
  }

  @SuppressWarnings("unchecked") // A filter is what the chain holds; the type is not known here.
  private static void append(List<?> chain, ClassLoader server)
      throws ReflectiveOperationException {
    Class<?> filter = Class.forName("org.glassfish.grizzly.filterchain.Filter", true, server);
    ((List<Object>) chain)
        .add(Proxy.newProxyInstance(server, new Class<?>[] {filter}, UpgradeOffers::handle));
  }

  /** A connection that was there before keeps a state whose room is that of the shorter chain. */
  private static void forgetLengthOfChain(Object connection) throws ReflectiveOperationException {
    Object states = field(connection.getClass(), "processorStateStorage").get(connection);
    field(states.getClass(), "singleProcessorState").set(states, null);
    field(states.getClass(), "volatileFlag").setInt(states, 0);
  }

  private static Field field(Class<?> type, String name) throws NoSuchFieldException {
    for (Class<?> each = type; each != null; each = each.getSuperclass()) {
      for (Field declared : each.getDeclaredFields()) {
        if (declared.getName().equals(name)) {
          declared.setAccessible(true);
          return declared;
        }
      }
    }
    throw new NoSuchFieldException(name);
  }

  private static Object handle(Object filter, Method method, Object[] arguments)
      throws ReflectiveOperationException {
    switch (method.getName()) {
      case "handleEvent" -> {
        Object event = arguments[1];
        if (event.getClass().getSimpleName().equals("IncomingHttpUpgradeEvent")) {
          Object header = call(event, "getHttpHeader");
          header
              .getClass()
              .getMethod("setIgnoreContentModifiers", boolean.class)
              .invoke(header, false);
        }
        return call(arguments[0], "getInvokeAction");
      }
      case "handleRead", "handleWrite", "handleConnect", "handleAccept", "handleClose" -> {
        return call(arguments[0], "getInvokeAction");
      }
      case "equals" -> {
        return filter == arguments[0];
      }
      case "hashCode" -> {
        return System.identityHashCode(filter);
      }
      case "toString" -> {
        return "UpgradeOffers";
      }
      default -> {
        return null;
      }
    }
  }

  private static Object call(Object target, String method) throws ReflectiveOperationException {
    try {
      Method found = target.getClass().getMethod(method);
      found.setAccessible(true);
      return found.invoke(target);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("The server's " + method + " failed", e);
    }
  }
}

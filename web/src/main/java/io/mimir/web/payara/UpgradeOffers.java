package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the bodies of requests that offer HTTP/2 by an upgrade, as the JDK's client does with each
 * first one. The offer is not taken, since HTTP/2 in clear is off; but this server then reads no
 * body, because it takes what follows for another protocol. What is laid around the last filter in
 * the chain of the listener, where nobody has taken the offer, says that it is a request like any
 * other.
 *
 * <p>The chain is reached by reflection from the first request, which the launcher makes itself.
 * Where these classes of the server are not what is expected, this is logged once, and such clients
 * have to be told to speak HTTP/1.1.
 */
@ApplicationScoped
public class UpgradeOffers {

  private static final System.Logger LOG = System.getLogger(UpgradeOffers.class.getName());

  /** The server's reader of requests: what is before it in the chain has the bytes as they come. */
  private static final String READER = "org.glassfish.grizzly.http.HttpCodecFilter";

  private static final long LOOK_EVERY_MS = 1000;

  @Inject HeldBodies bodies;
  @Inject Backlog backlog;
  @Resource ManagedScheduledExecutorService scheduler;

  private volatile boolean settled;
  private ScheduledFuture<?> looking;

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
    bodies.start();
    try {
      Object connection = ClientDisconnects.connectionOf(request);
      Object transport = ClientDisconnects.call(connection, "getTransport");
      backlog.measure((Executor) ClientDisconnects.call(transport, "getWorkerThreadPool"));
      ReasonPhrases.add(connection.getClass().getClassLoader());
      Method processor = connection.getClass().getMethod("getProcessor");
      if (processor.invoke(connection) instanceof List<?> chain) {
        ClassLoader server = connection.getClass().getClassLoader();
        SpareRequests.find(server);
        wrap(chain, chain.size() - 1, server, this::handle);
        lookAtHeads(chain, server);
        return;
      }
      LOG.log(WARNING, "Clients that offer HTTP/2 in clear lose bodies: the server has no chain");
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.log(
          WARNING, "Clients that offer HTTP/2 in clear lose bodies: let them speak HTTP/1.1", e);
    }
  }

  private void lookAtHeads(List<?> chain, ClassLoader server) throws ReflectiveOperationException {
    int reader = readerOf(chain, server);
    RequestHeads heads = new RequestHeads(chain.get(reader));
    wrap(chain, reader - 1, server, heads::handle);
    looking =
        scheduler.scheduleWithFixedDelay(
            heads::look, LOOK_EVERY_MS, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
  }

  private static int readerOf(List<?> chain, ClassLoader server) throws ClassNotFoundException {
    Class<?> reader = Class.forName(READER, true, server);
    for (int i = 1; i < chain.size(); i++) {
      if (reader.isInstance(chain.get(i))) {
        return i;
      }
    }
    throw new IllegalStateException("The server has no " + READER);
  }

  /** What is to be done in place of a method of a filter. */
  private interface Around {

    Object handle(Object wrapped, Method method, Object[] arguments) throws Throwable;
  }

  /** In place of a filter: connections that are open count on the length of the chain. */
  @SuppressWarnings("unchecked") // A filter is what the chain holds; the type is not known here.
  private static void wrap(List<?> chain, int index, ClassLoader server, Around around)
      throws ReflectiveOperationException {
    Class<?> filter = Class.forName("org.glassfish.grizzly.filterchain.Filter", true, server);
    Object wrapped = chain.get(index);
    ((List<Object>) chain)
        .set(
            index,
            Proxy.newProxyInstance(
                server,
                new Class<?>[] {filter},
                (self, method, arguments) ->
                    method.getName().equals("equals")
                        ? arguments[0] == self || wrapped.equals(arguments[0])
                        : around.handle(wrapped, method, arguments)));
  }

  private Object handle(Object wrapped, Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("handleRead")) {
      Object instead = bodies.hold(arguments[0]);
      if (instead != null) {
        return instead;
      }
    }
    if (method.getName().equals("handleEvent")) {
      refuse(arguments[1]);
    }
    return invoke(wrapped, method, arguments);
  }

  /** Does what a filter does that something is laid around, and throws what it throws. */
  static Object invoke(Object wrapped, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(wrapped, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** Nobody has taken the offer: the request is one like any other. */
  private static void refuse(Object event) throws ReflectiveOperationException {
    if (event.getClass().getSimpleName().equals("IncomingHttpUpgradeEvent")) {
      Object header = call(event, "getHttpHeader");
      header.getClass().getMethod("setIgnoreContentModifiers", boolean.class).invoke(header, false);
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

  @PreDestroy
  void stop() {
    if (looking != null) {
      looking.cancel(false);
    }
  }
}

package io.mimir.web.payara;

import static java.lang.System.Logger.Level.INFO;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Optional;

/**
 * The server's pool of connections to the database. There is no call for this in Jakarta EE, and
 * the server's own figures are for whoever switches its monitoring on.
 */
public final class ConnectionPools {

  private static final System.Logger LOG = System.getLogger(ConnectionPools.class.getName());
  private static final String RUNTIME = "com.sun.enterprise.connectors.ConnectorRuntime";

  private static boolean told;

  private ConnectionPools() {}

  /**
   * Connections by what they do.
   *
   * @param waiting requests that wait for one
   */
  public record Counts(int used, int free, int waiting) {}

  /**
   * Counts them over all pools with this word in their name; empty on a server that has other ones.
   */
  public static Optional<Counts> of(String word) {
    try {
      Class<?> runtime =
          Class.forName(RUNTIME, true, Thread.currentThread().getContextClassLoader());
      Object manager = call(runtime.getMethod("getRuntime").invoke(null), "getPoolManager");
      Field table = manager.getClass().getDeclaredField("poolTable");
      table.setAccessible(true);
      int used = 0;
      int free = 0;
      int waiting = 0;
      for (Map.Entry<?, ?> pool : ((Map<?, ?>) table.get(manager)).entrySet()) {
        if (String.valueOf(pool.getKey()).contains(word)) {
          Object status = call(pool.getValue(), "getPoolStatus");
          used += (int) call(status, "getNumConnUsed");
          free += (int) call(status, "getNumConnFree");
          waiting += (int) call(call(pool.getValue(), "getPoolWaitQueue"), "getQueueLength");
        }
      }
      return Optional.of(new Counts(used, free, waiting));
    } catch (ReflectiveOperationException | RuntimeException e) {
      unknown(e);
      return Optional.empty();
    }
  }

  private static synchronized void unknown(Exception e) {
    if (!told) {
      told = true;
      LOG.log(INFO, "This server does not tell how its pool of connections is used", e);
    }
  }

  private static Object call(Object target, String name) throws ReflectiveOperationException {
    Method method = target.getClass().getMethod(name);
    method.setAccessible(true);
    return method.invoke(target);
  }
}

package io.mimir.web.payara;

import static java.lang.System.Logger.Level.INFO;

import jakarta.servlet.AsyncContext;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;

/**
 * What an asynchronous request leaves in the thread that ends it. Payara's AsyncContext (6.2025.10)
 * has a {@link ThreadLocal} of its own for each request, and looks into it when it completes. The
 * entry stays in the map of that thread until the garbage collector and later look-ups find it. One
 * thread ends all calls of the gateway: thousands of entries pile up in its map between two
 * collections, and every use of any thread local has to pass them.
 *
 * <p>There is no call for this in Servlet 6. On a server without such fields nothing is done.
 */
public final class AsyncThreadLocals {

  private static final System.Logger LOG = System.getLogger(AsyncThreadLocals.class.getName());

  private static final ClassValue<List<Field>> FIELDS =
      new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
          return threadLocals(type);
        }
      };

  private AsyncThreadLocals() {}

  /** To be called by the thread that has completed the request, after that. */
  public static void forget(AsyncContext completed) {
    for (Field field : FIELDS.get(completed.getClass())) {
      try {
        if (field.get(completed) instanceof ThreadLocal<?> local) {
          local.remove();
        }
      } catch (IllegalAccessException e) {
        throw new IllegalStateException("It was opened before", e);
      }
    }
  }

  private static List<Field> threadLocals(Class<?> type) {
    List<Field> found = new ArrayList<>();
    for (Field field : type.getDeclaredFields()) {
      if (ThreadLocal.class.isAssignableFrom(field.getType())
          && !Modifier.isStatic(field.getModifiers())) {
        if (!field.trySetAccessible()) {
          LOG.log(INFO, "The thread locals of {0} cannot be reached", type.getName());
          return List.of();
        }
        found.add(field);
      }
    }
    return List.copyOf(found);
  }
}

package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import java.lang.reflect.Method;
import java.util.Map;

/**
 * The words beside the numbers of statuses that the server does not know: it would write {@code 429
 * CUSTOM}. They are those of RFC 9110 and RFC 6585; 529 is a provider's own.
 */
final class ReasonPhrases {

  private static final System.Logger LOG = System.getLogger(ReasonPhrases.class.getName());

  private static final Map<Integer, String> MISSING =
      Map.of(422, "Unprocessable Content", 429, "Too Many Requests", 529, "Overloaded");

  private ReasonPhrases() {}

  /** Tells them to the server whose classes this loader has. */
  static void add(ClassLoader server) {
    try {
      Class<?> statuses = Class.forName("org.glassfish.grizzly.http.util.HttpStatus", true, server);
      Method register = statuses.getDeclaredMethod("register", int.class, String.class);
      register.setAccessible(true);
      for (Map.Entry<Integer, String> each : MISSING.entrySet()) {
        register.invoke(null, each.getKey(), each.getValue());
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.log(WARNING, "Some statuses have no words on this server", e);
    }
  }
}

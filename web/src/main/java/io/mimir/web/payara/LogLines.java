package io.mimir.web.payara;

import static java.lang.System.Logger.Level.INFO;

import java.util.function.Supplier;

/**
 * The lines of the log, which the server writes by a class of ours that lies on its own class path
 * (module logging) and not in the application.
 */
public final class LogLines {

  private static final System.Logger LOG = System.getLogger(LogLines.class.getName());

  private LogLines() {}

  /**
   * Tells the log where its lines learn which request they are about. On a server that writes its
   * log by other means nothing is done.
   *
   * @param ids tells the id of the request that the calling thread works for, or null
   */
  public static void learnRequests(Supplier<String> ids) {
    try {
      Class.forName("io.mimir.logging.RequestIds", true, ClassLoader.getSystemClassLoader())
          .getMethod("from", Supplier.class)
          .invoke(null, ids);
    } catch (ReflectiveOperationException e) {
      LOG.log(INFO, "The lines of this server's log do not name requests");
    }
  }
}

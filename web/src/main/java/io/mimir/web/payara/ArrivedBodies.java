package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import jakarta.servlet.ServletRequest;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tells whether the server has read a request to its end. Servlets have a word for that, {@code
 * isFinished}, which this server answers with no until the listener of the body has returned: a
 * loop over {@code isReady}, as the specification shows it, then asks for more than there is.
 *
 * <p>Reached by reflection, as in {@link ClientDisconnects}; where that fails, it is logged once.
 */
public final class ArrivedBodies {

  private static final System.Logger LOG = System.getLogger(ArrivedBodies.class.getName());
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private ArrivedBodies() {}

  /** Whether the last byte of the body has come, even if it was not taken yet. */
  public static boolean isWhole(ServletRequest request) {
    try {
      Object packet = ClientDisconnects.call(ClientDisconnects.grizzlyOf(request), "getRequest");
      return Boolean.FALSE.equals(ClientDisconnects.call(packet, "isExpectContent"));
    } catch (ReflectiveOperationException | RuntimeException e) {
      if (WARNED.compareAndSet(false, true)) {
        LOG.log(WARNING, "Clients that send bodies in chunks may lose requests on this server", e);
      }
      return false;
    }
  }
}

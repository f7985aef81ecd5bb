package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.lifecycle.service.Drained;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.servlet.ServletRequest;

/**
 * Closes the port before the server takes the application away: what comes in between would get the
 * server's own page of an address that is not found, which clients take for an answer.
 *
 * <p>The listener is reached by reflection from the first request, which the launcher makes itself.
 * Where these classes of the server are not what is expected, this is logged, and the port closes
 * when the server closes it.
 */
@ApplicationScoped
public class OpenPort {

  private static final System.Logger LOG = System.getLogger(OpenPort.class.getName());

  private volatile Object transport;
  private volatile boolean unknown;

  /** Takes notice of the listener that a request has come through. */
  public void seen(ServletRequest request) {
    if (transport != null || unknown) {
      return;
    }
    try {
      transport = ClientDisconnects.call(ClientDisconnects.connectionOf(request), "getTransport");
    } catch (ReflectiveOperationException | RuntimeException e) {
      warn(e);
    }
  }

  void close(@Observes Drained drained) {
    Object open = transport;
    if (open == null) {
      return;
    }
    try {
      ClientDisconnects.call(open, "unbindAll");
      ClientDisconnects.call(open, "shutdownNow");
    } catch (ReflectiveOperationException | RuntimeException e) {
      warn(e);
    }
  }

  private void warn(Exception e) {
    unknown = true;
    LOG.log(
        WARNING, "While the server ends, requests may get its own pages: its port is not known", e);
  }
}

package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tells how far the server is with the body of one request, and whether it has read it to its end.
 * Servlets have a word for that, {@code isFinished}, which this server answers with no until the
 * listener of the body has returned: a loop over {@code isReady}, as the specification shows it,
 * then asks for more than there is.
 *
 * <p>Reached by reflection, as in {@link ClientDisconnects}; where that fails, it is logged once.
 */
public final class ArrivedBody {

  private static final System.Logger LOG = System.getLogger(ArrivedBody.class.getName());
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private final ServletRequest request;
  private SocketChannel channel;

  public ArrivedBody(ServletRequest request) {
    this.request = request;
  }

  /** Whether the last byte of the body has come, even if it was not taken yet. */
  public boolean isWhole() {
    try {
      Object packet = ClientDisconnects.call(ClientDisconnects.grizzlyOf(request), "getRequest");
      return Boolean.FALSE.equals(ClientDisconnects.call(packet, "isExpectContent"));
    } catch (ReflectiveOperationException | RuntimeException e) {
      warn(e);
      return false;
    }
  }

  /** Whether bytes have come that the server has not read: of this body, or of what follows it. */
  public boolean isMoreInSocket() {
    try {
      if (channel == null) {
        channel = ClientDisconnects.channelOf(request);
      }
      return channel.socket().getInputStream().available() > 0;
    } catch (IOException e) {
      return false;
    } catch (ReflectiveOperationException | RuntimeException e) {
      warn(e);
      return false;
    }
  }

  private static void warn(Exception e) {
    if (WARNED.compareAndSet(false, true)) {
      LOG.log(WARNING, "Clients that send bodies in chunks may lose requests on this server", e);
    }
  }
}

package io.mimir.web.payara;

import static java.lang.System.Logger.Level.INFO;

import jakarta.servlet.ServletRequest;
import java.lang.reflect.Method;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sends what is written as it stands. The server copies what is smaller than 8 KiB into a buffer of
 * that size, to join it with what may come next; a thread that is none of its own has to make such
 * a buffer each time: for an answer of a few hundred bytes an eighth of all memory that the call
 * takes, and for a stream as much again for each piece.
 *
 * <p>A servlet can only ask for a larger buffer, so the server's own is told by reflection; where
 * its classes are not what is expected, this is logged once, and all goes through the buffer.
 */
public final class DirectWrites {

  private static final System.Logger LOG = System.getLogger(DirectWrites.class.getName());

  /** Nothing but an empty write is smaller. */
  private static final int SMALLEST = 1;

  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private static final ClassValue<Method> SET_BUFFER_SIZE =
      new ClassValue<>() {
        @Override
        protected Method computeValue(Class<?> type) {
          try {
            return type.getMethod("setBufferSize", int.class);
          } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
          }
        }
      };

  private DirectWrites() {}

  /** To be called before anything is written in answer to this request. */
  public static void begin(ServletRequest request) {
    try {
      Object response = ClientDisconnects.call(ClientDisconnects.grizzlyOf(request), "getResponse");
      Object buffer = ClientDisconnects.call(response, "getOutputBuffer");
      SET_BUFFER_SIZE.get(buffer.getClass()).invoke(buffer, SMALLEST);
    } catch (ReflectiveOperationException | RuntimeException e) {
      if (WARNED.compareAndSet(false, true)) {
        LOG.log(INFO, "Answers of the gateway go through a buffer of the server", e);
      }
    }
  }
}

package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

/**
 * Refuses addresses that the server rewrites before anybody looks at them, so that a proxy in front
 * of it may see others than it does: it drops path parameters, takes {@code %u0073} for a letter,
 * and redirects to whatever host the client names.
 */
final class RequestForm {

  private static final System.Logger LOG = System.getLogger(RequestForm.class.getName());
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private static final Pattern CROOKED =
      Pattern.compile(
          ";|%u|(/|%2f|\\\\|%5c)(\\.|%2e){1,2}([/\\\\]|%2f|%5c|$)", Pattern.CASE_INSENSITIVE);

  private static final RawAnswer ADDRESS =
      new RawAnswer(
          "400 Bad Request", "malformed", "Write the address without dot segments and semicolons");

  private RequestForm() {}

  /**
   * Looks at the address of a request.
   *
   * @param content of the server's chain of filters
   * @return what it is to be answered; null when it is in order
   */
  static RawAnswer objection(Object content) {
    try {
      Object request = ClientDisconnects.call(content, "getHttpHeader");
      if (CROOKED.matcher((String) ClientDisconnects.call(request, "getRequestURI")).find()) {
        return ADDRESS;
      }
      return null;
    } catch (ReflectiveOperationException | RuntimeException e) {
      if (WARNED.compareAndSet(false, true)) {
        LOG.log(WARNING, "What a proxy may read differently is not refused on this server", e);
      }
      return null;
    }
  }
}

package io.mimir.web.payara;

import static java.lang.System.Logger.Level.WARNING;

import java.util.Iterator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

/**
 * Refuses what two readers of one connection could read differently (RFC 9112) and the server lets
 * pass: a proxy in front of it may see other requests than it does. Two Host headers, a coding of
 * the body other than {@code chunked}, and addresses that the server rewrites before anybody looks
 * at them: it drops path parameters, takes {@code %u0073} for a letter, and redirects to whatever
 * host the client names.
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
  private static final RawAnswer HOST =
      new RawAnswer("400 Bad Request", "malformed", "Send one Host header");
  private static final RawAnswer CODING =
      new RawAnswer("400 Bad Request", "malformed", "Send the body as it is, or chunked");

  private RequestForm() {}

  /**
   * Looks at a request, or at a further piece of its body.
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
      Object headers = ClientDisconnects.call(request, "getHeaders");
      Iterator<?> hosts = values(headers, "Host");
      if (hosts.hasNext()) {
        hosts.next();
        if (hosts.hasNext()) {
          return HOST;
        }
      }
      Iterator<?> codings = values(headers, "Transfer-Encoding");
      if (codings.hasNext()) {
        String coding = String.valueOf(codings.next()).strip();
        if (codings.hasNext() || !coding.equalsIgnoreCase("chunked")) {
          return CODING;
        }
      }
      return null;
    } catch (ReflectiveOperationException | RuntimeException e) {
      if (WARNED.compareAndSet(false, true)) {
        LOG.log(WARNING, "What a proxy may read differently is not refused on this server", e);
      }
      return null;
    }
  }

  private static Iterator<?> values(Object headers, String name)
      throws ReflectiveOperationException {
    return ((Iterable<?>) ClientDisconnects.call(headers, "values", name)).iterator();
  }
}

package io.mimir.net.service;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.util.Timeout;

/** How long a connection is kept between two calls. */
final class IdleTime {

  /** A provider may close an idle connection when it likes; before that we do. */
  static final Timeout USUAL = Timeout.ofSeconds(30);

  private static final Pattern TIMEOUT =
      Pattern.compile("(?:^|[,\\s])timeout\\s*=\\s*(\\d{1,6})", Pattern.CASE_INSENSITIVE);

  private IdleTime() {}

  /**
   * Returns the time after an answer. A server may say how long it keeps an idle connection; ours
   * is to end a little earlier.
   *
   * @param keepAlive the answer's header of that name, or null
   */
  static Timeout after(Header keepAlive) {
    if (keepAlive == null) {
      return USUAL;
    }
    Matcher said = TIMEOUT.matcher(keepAlive.getValue());
    if (!said.find()) {
      return USUAL;
    }
    long millis = Long.parseLong(said.group(1)) * 1000 - 1000;
    return Timeout.ofMilliseconds(Math.max(1, Math.min(millis, USUAL.toMilliseconds())));
  }
}

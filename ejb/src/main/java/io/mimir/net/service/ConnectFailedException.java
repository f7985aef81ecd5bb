package io.mimir.net.service;

import java.io.IOException;

/**
 * A failure before anything of the request had left: the request may be sent again, to anybody. Its
 * cause says what went wrong: no such name, nobody listening, no trusted certificate.
 */
public final class ConnectFailedException extends IOException {

  private static final long serialVersionUID = 1L;

  private final boolean atProxy;

  ConnectFailedException(boolean atProxy, Exception cause) {
    super(atProxy ? "The proxy cannot be reached" : "The server cannot be reached", cause);
    this.atProxy = atProxy;
  }

  /** Tells whether it was the proxy of MIMIR_HTTP_PROXY that could not be reached. */
  public boolean isAtProxy() {
    return atProxy;
  }
}

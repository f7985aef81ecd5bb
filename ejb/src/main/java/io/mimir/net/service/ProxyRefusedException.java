package io.mimir.net.service;

import java.io.IOException;

/**
 * A refusal by the proxy of MIMIR_HTTP_PROXY itself. The server behind it got nothing of the
 * request.
 */
public final class ProxyRefusedException extends IOException {

  private static final long serialVersionUID = 1L;

  private final int status;

  ProxyRefusedException(int status) {
    super("The proxy answered with status " + status);
    this.status = status;
  }

  /** Returns the HTTP status that the proxy answered with; 407 asks for a user and a password. */
  public int status() {
    return status;
  }

  /** Tells whether the proxy wants a user and a password, or others than it was given. */
  public boolean wantsCredentials() {
    return status == 407;
  }
}

package io.mimir.net.service;

import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * A server that was connected and then said nothing for as long as the request was ready to wait. A
 * connection that could not be made in time is a {@link ConnectFailedException} instead.
 */
public final class SilenceException extends SocketTimeoutException {

  private static final long serialVersionUID = 1L;

  private final boolean requestSent;
  private final boolean begun;
  private final Duration limit;

  SilenceException(boolean requestSent, boolean begun, Duration limit) {
    super("Nothing came for " + limit.toMillis() + " ms");
    this.requestSent = requestSent;
    this.begun = begun;
    this.limit = limit;
  }

  /** Tells whether the whole request had left, so that the server may be at work on it. */
  public boolean isRequestSent() {
    return requestSent;
  }

  /** Tells whether anything of the answer had come. */
  public boolean hasBegun() {
    return begun;
  }

  /** Returns how long the request was ready to wait. */
  public Duration limit() {
    return limit;
  }
}

package io.mimir.net.service;

import java.time.Duration;

/** Failures of calls, for the tests of those who hear of them. */
public final class NetFailures {

  private NetFailures() {}

  public static Exception connectFailed(Exception cause) {
    return new ConnectFailedException(false, cause);
  }

  public static Exception proxyNotConnected(Exception cause) {
    return new ConnectFailedException(true, cause);
  }

  public static Exception proxyRefused(int status) {
    return new ProxyRefusedException(status);
  }

  public static Exception silence(boolean requestSent, boolean begun, Duration limit) {
    return new SilenceException(requestSent, begun, limit);
  }

  public static Exception connectionLost(boolean begun, Exception cause) {
    return new ConnectionLostException(begun, cause);
  }
}

package io.mimir.net.service;

import java.net.UnknownHostException;

/**
 * A refusal to call a host because of what it is, or resolves to. An UnknownHostException, because
 * for the call there is no such host.
 */
public final class BlockedException extends UnknownHostException {

  private static final long serialVersionUID = 1L;

  BlockedException(String reason) {
    super(reason);
  }
}

package io.mimir.net.service;

import java.net.UnknownHostException;

/**
 * A host resolves to an address that calls may not go to. An UnknownHostException, because that is
 * what a resolver may throw.
 */
public final class BlockedException extends UnknownHostException {

  private static final long serialVersionUID = 1L;

  BlockedException(String reason) {
    super(reason);
  }
}

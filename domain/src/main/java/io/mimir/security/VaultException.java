package io.mimir.security;

/**
 * A sealed value does not open. The cause is not told apart, on purpose: a changed bit, another
 * row, another endpoint and another key all look the same (T21).
 */
public class VaultException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public VaultException() {
    super("A sealed value does not open: it was changed, moved, or sealed with another key");
  }
}

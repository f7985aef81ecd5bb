package io.mimir.plugin.kit.trust;

/** A text is not the public key that it should be, or the key is too weak. */
public final class KeyException extends Exception {

  private static final long serialVersionUID = 1L;

  KeyException(String message) {
    super(message);
  }
}

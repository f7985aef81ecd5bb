package io.mimir.plugin.kit.trust;

/** The bytes are no signature of a form that is understood. */
final class MalformedSignatureException extends Exception {

  private static final long serialVersionUID = 1L;

  MalformedSignatureException(String message) {
    super(message);
  }
}

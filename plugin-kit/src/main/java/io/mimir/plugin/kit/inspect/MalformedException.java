package io.mimir.plugin.kit.inspect;

/** A file does not hold what its headers say. */
final class MalformedException extends Exception {

  private static final long serialVersionUID = 1L;

  MalformedException(String message) {
    super(message);
  }
}

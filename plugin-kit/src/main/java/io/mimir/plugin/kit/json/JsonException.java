package io.mimir.plugin.kit.json;

/** The text is not JSON, or more of it than is taken. */
public final class JsonException extends Exception {

  private static final long serialVersionUID = 1L;

  JsonException(String message) {
    super(message);
  }
}

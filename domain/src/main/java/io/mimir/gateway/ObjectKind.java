package io.mimir.gateway;

import java.util.Locale;

/** A kind of thing that a provider makes for an account and keeps, and that has an id. */
public enum ObjectKind {
  FILE("/files"),
  BATCH("/batches"),
  VECTOR_STORE("/vector_stores"),
  UPLOAD("/uploads"),
  RESPONSE("/responses"),
  CONVERSATION("/conversations"),
  MESSAGE_BATCH("/messages/batches");

  private final String path;

  ObjectKind(String path) {
    this.path = path;
  }

  /** Returns the address of all things of this kind, below the version of a provider's API. */
  public String path() {
    return path;
  }

  /** Returns the word that is stored. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the word for people. */
  public String label() {
    return wire().replace('_', ' ');
  }
}

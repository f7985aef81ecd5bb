package io.mimir.plugin.service;

/** A call that brought no result. */
public final class PluginCallException extends Exception {

  private static final long serialVersionUID = 1L;

  /** What went wrong, as far as a caller has to tell it apart. */
  public enum Kind {
    UNKNOWN_ACTION,
    NOT_RUNNING,
    /** The plugin refused, and says why. */
    REFUSED,
    BAD_INPUT,
    BUSY,
    CRASHED,
    DEADLINE,
    /** The server ends. */
    STOPPING
  }

  private final Kind kind;
  private final transient byte[] detail;

  /**
   * @param message a sentence for people
   * @param detail what the plugin itself said, as {@link #detail} gives it
   */
  public PluginCallException(Kind kind, String message, byte[] detail) {
    super(message);
    this.kind = kind;
    this.detail = detail;
  }

  /**
   * @param message a sentence for people
   */
  public PluginCallException(Kind kind, String message) {
    this(kind, message, new byte[0]);
  }

  public Kind kind() {
    return kind;
  }

  /** What the plugin itself said, UTF-8 JSON by convention; empty when it said nothing. */
  public byte[] detail() {
    return detail == null ? new byte[0] : detail.clone();
  }
}

package io.mimir.plugin.kit.frame;

/**
 * The payload of ERROR.
 *
 * @param code what went wrong: 1 to 4 are the plugin's own (see {@code sdk/mimir_plugin.h}), those
 *     from 100 are the host's
 * @param detail of code 1: the plugin's {@code {code, message, retryable}} as UTF-8 JSON; else
 *     UTF-8 text for people
 */
public record Failure(int code, byte[] detail) {

  /** The plugin refused, and says why. */
  public static final int APPLICATION = 1;

  public static final int UNKNOWN_ACTION = 2;
  public static final int BAD_INPUT = 3;
  public static final int CANCELLED = 4;

  /** The file is not the one that was trusted. */
  public static final int HASH_MISMATCH = 100;

  /** The loader, or the plugin's open, refused. */
  public static final int LOAD_FAILED = 101;

  /** The plugin gave back what the ABI does not allow, or more than a frame takes. */
  public static final int BAD_RESULT = 102;

  /** There is no plugin yet, or there already is one. */
  public static final int NOT_LOADED = 103;

  public byte[] toPayload() {
    return Fields.pack(Fields.number(code), detail);
  }

  /**
   * @throws FrameException when the payload is none
   */
  public static Failure of(byte[] payload) throws FrameException {
    Fields fields = new Fields(payload);
    Failure failure = new Failure((int) fields.number(), fields.bytes());
    fields.end();
    return failure;
  }

  @Override
  public String toString() {
    return "Failure[" + code + "]";
  }
}

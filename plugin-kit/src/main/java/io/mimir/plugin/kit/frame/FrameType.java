package io.mimir.plugin.kit.frame;

/**
 * What a frame between the server and a plugin's host says. The codes are part of the protocol of
 * design/plugins.md; those of the host have the seventh bit.
 */
public enum FrameType {

  /** To the host: a {@link LoadRequest}; answered by READY or ERROR with the same id. */
  LOAD(1),

  /** To the host: a {@link CallRequest}; answered by RESULT or ERROR with the same id. */
  CALL(2),

  /**
   * To the host: the call of this id is not wanted any more; no payload and no answer of its own.
   */
  CANCEL(3, FrameType.LINE),

  /** To the host: answered by PONG with the same id and payload. */
  PING(4, FrameType.LINE),

  /** To the host: no more calls will come; it ends when the last running one has ended. */
  DRAIN(5, FrameType.LINE),

  /** To the host: end now. */
  EXIT(6, FrameType.LINE),

  /** To the host: the next piece of the plugin's file, before LOAD; no answer of its own. */
  FILE(7),

  /** From the host, unasked and first: UTF-8 JSON of what its jail is. */
  HELLO(65, FrameType.TEXT),

  /** From the host: the plugin is open; the payload is the manifest as the loader shows it. */
  READY(66, FrameType.TEXT),

  /** From the host: what an action gave. */
  RESULT(67),

  /** From the host: a {@link Failure}. */
  ERROR(68),

  /** From the host: one byte of level (0 trace to 4 error), then UTF-8 text; the id is 0. */
  LOG(69, FrameType.LINE),

  /** From the host: it lives. */
  PONG(70, FrameType.LINE);

  /** Bytes of a line, and of a text that has a bound of its own. */
  private static final int LINE = 8 * 1024;

  private static final int TEXT = 64 * 1024;

  private static final FrameType[] BY_CODE = new FrameType[128];

  static {
    for (FrameType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;
  private final int most;

  FrameType(int code) {
    this(code, Frame.MAX_PAYLOAD);
  }

  FrameType(int code, int most) {
    this.code = code;
    this.most = most;
  }

  /** How many bytes a payload may have: whoever reads it knows before the first of them. */
  public int maxPayload() {
    return most;
  }

  public int code() {
    return code;
  }

  /**
   * @throws FrameException when no type has this code
   */
  public static FrameType of(int code) throws FrameException {
    FrameType type = code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    if (type == null) {
      throw new FrameException("There is no frame of type " + code);
    }
    return type;
  }
}

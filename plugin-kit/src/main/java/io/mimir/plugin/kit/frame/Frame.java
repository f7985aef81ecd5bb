package io.mimir.plugin.kit.frame;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * One message between the server and a plugin's host: {@code u32be length | u8 type | u64be id |
 * payload}, where the length counts what follows it (design/plugins.md).
 *
 * @param id of the request that it belongs to; 0 for none
 * @param payload shared, not copied: whoever makes or takes a frame leaves it alone afterwards
 */
public record Frame(FrameType type, long id, byte[] payload) {

  /** The most that a payload of any type may have, in bytes. */
  public static final int MAX_PAYLOAD = 16 * 1024 * 1024;

  public Frame {
    if (payload.length > type.maxPayload()) {
      throw new IllegalArgumentException(
          "A frame of type " + type + " carries at most " + type.maxPayload() + " bytes");
    }
  }

  /** A frame that says all by its type. */
  public static Frame of(FrameType type, long id) {
    return new Frame(type, id, new byte[0]);
  }

  /**
   * Reads the next frame. Memory is taken as the bytes arrive, so a length alone costs nothing.
   *
   * @return null when the other side ended properly, between two frames
   * @throws FrameException when the length or the type is none
   * @throws EOFException when it ends in the middle of a frame
   */
  public static Frame read(InputStream in) throws IOException {
    FrameHead head = FrameHead.read(in);
    if (head == null) {
      return null;
    }
    byte[] payload = in.readNBytes(head.size());
    if (payload.length < head.size()) {
      throw new EOFException("The frame has " + payload.length + " bytes of " + head.size());
    }
    return new Frame(head.type(), head.id(), payload);
  }

  /** Writes the whole frame at once and flushes; frames of several threads need a lock. */
  public void write(OutputStream out) throws IOException {
    new FrameHead(type, id, payload.length).write(out);
    out.write(payload);
    out.flush();
  }

  @Override
  public String toString() {
    return type + " " + id + " (" + payload.length + " bytes)";
  }
}

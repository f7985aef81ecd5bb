package io.mimir.plugin.kit.frame;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * What comes before a payload, for those who read or write the payload themselves.
 *
 * @param id of the request that it belongs to; 0 for none
 * @param size of the payload, in bytes
 */
public record FrameHead(FrameType type, long id, int size) {

  private static final int LENGTH = Integer.BYTES;
  private static final int REST = 1 + Long.BYTES;

  public FrameHead {
    if (size < 0 || size > type.maxPayload()) {
      throw new IllegalArgumentException(
          "A frame of type " + type + " carries at most " + type.maxPayload() + " bytes");
    }
  }

  /**
   * Reads the next head.
   *
   * @return null when the other side ended properly, between two frames
   * @throws FrameException when the length or the type is none
   * @throws EOFException when it ends in the middle of the head
   */
  public static FrameHead read(InputStream in) throws IOException {
    byte[] head = new byte[LENGTH + REST];
    int count = in.readNBytes(head, 0, LENGTH);
    if (count == 0) {
      return null;
    }
    ByteBuffer fields = ByteBuffer.wrap(head);
    if (count == LENGTH) {
      int length = fields.getInt();
      // As a signed number, a length of 2 GiB and more is below the least.
      if (length < REST || length > REST + Frame.MAX_PAYLOAD) {
        throw new FrameException(
            "A frame cannot be " + Integer.toUnsignedString(length) + " bytes long");
      }
      if (in.readNBytes(head, LENGTH, REST) == REST) {
        FrameType type = FrameType.of(fields.get() & 0xff);
        if (length - REST > type.maxPayload()) {
          throw new FrameException(
              "A frame of type " + type + " cannot carry " + (length - REST) + " bytes");
        }
        return new FrameHead(type, fields.getLong(), length - REST);
      }
    }
    throw new EOFException("The frame has no more than its first bytes");
  }

  /** Writes the head; the payload is to follow, and a flush. */
  public void write(OutputStream out) throws IOException {
    out.write(
        ByteBuffer.allocate(LENGTH + REST)
            .putInt(REST + size)
            .put((byte) type.code())
            .putLong(id)
            .array());
  }
}

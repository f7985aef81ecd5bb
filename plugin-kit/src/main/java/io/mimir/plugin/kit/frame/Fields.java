package io.mimir.plugin.kit.frame;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Packs and unpacks payloads of several fields: each is {@code u32be length | bytes}. */
final class Fields {

  private final ByteBuffer in;

  Fields(byte[] payload) {
    in = ByteBuffer.wrap(payload);
  }

  static byte[] pack(byte[]... fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] field : fields) {
      out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(field.length).array());
      out.writeBytes(field);
    }
    return out.toByteArray();
  }

  static byte[] number(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  byte[] bytes() throws FrameException {
    if (in.remaining() < Integer.BYTES) {
      throw new FrameException("A field is missing");
    }
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new FrameException("A field cannot have " + length + " bytes");
    }
    byte[] field = new byte[length];
    in.get(field);
    return field;
  }

  String text() throws FrameException {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  long number() throws FrameException {
    byte[] field = bytes();
    if (field.length != Long.BYTES) {
      throw new FrameException("A number has 8 bytes");
    }
    return ByteBuffer.wrap(field).getLong();
  }

  void end() throws FrameException {
    if (in.hasRemaining()) {
      throw new FrameException("There are " + in.remaining() + " bytes too many");
    }
  }
}

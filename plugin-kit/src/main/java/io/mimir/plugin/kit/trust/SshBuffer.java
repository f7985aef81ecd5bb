package io.mimir.plugin.kit.trust;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Fields as SSH writes them (RFC 4251, section 5). Whatever is not there ends it. */
final class SshBuffer {

  /** Something is missing, too long, or not in its one form. */
  static final class BrokenException extends Exception {

    private static final long serialVersionUID = 1L;

    BrokenException() {
      super("A field is broken");
    }
  }

  private final ByteBuffer in;

  SshBuffer(byte[] bytes) {
    in = ByteBuffer.wrap(bytes);
  }

  int number() throws BrokenException {
    if (in.remaining() < Integer.BYTES) {
      throw new BrokenException();
    }
    return in.getInt();
  }

  byte[] bytes() throws BrokenException {
    return bytes(number());
  }

  byte[] bytes(int length) throws BrokenException {
    if (length < 0 || length > in.remaining()) {
      throw new BrokenException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  String text() throws BrokenException {
    return new String(bytes(), StandardCharsets.ISO_8859_1);
  }

  /** A number above zero, in the only way in which it is to be written. */
  BigInteger positive() throws BrokenException {
    byte[] bytes = bytes();
    if (bytes.length == 0) {
      throw new BrokenException();
    }
    BigInteger value = new BigInteger(bytes);
    if (value.signum() <= 0 || !Arrays.equals(value.toByteArray(), bytes)) {
      throw new BrokenException();
    }
    return value;
  }

  void end() throws BrokenException {
    if (in.hasRemaining()) {
      throw new BrokenException();
    }
  }
}

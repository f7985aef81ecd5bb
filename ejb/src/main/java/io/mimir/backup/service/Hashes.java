package io.mimir.backup.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over what passes by. */
final class Hashes {

  private static final int PIECE = 64 * 1024;

  private Hashes() {}

  /** Bytes that have passed, and their hash in 64 hex digits. */
  record Passed(long size, String sha256) {}

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is not available on this Java", e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Copies a stream.
   *
   * @param most bytes that may pass: one more, and the copy ends there, with a size that tells so
   */
  static Passed copy(InputStream in, OutputStream out, long most) throws IOException {
    MessageDigest digest = sha256();
    byte[] piece = new byte[PIECE];
    long size = 0;
    for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
      size += count;
      if (size > most) {
        break;
      }
      digest.update(piece, 0, count);
      out.write(piece, 0, count);
    }
    return new Passed(size, hex(digest));
  }

  static Passed of(InputStream in) throws IOException {
    return copy(in, OutputStream.nullOutputStream(), Long.MAX_VALUE);
  }
}

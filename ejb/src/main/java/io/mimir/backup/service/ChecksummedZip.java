package io.mimir.backup.service;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * A ZIP archive whose last bytes are a checksum of all the others, so that no part of it can be cut
 * off, changed or added unseen, what no entry covers included. Every tool that knows ZIP reads it:
 * the checksum is the comment at its end (section 4.3.16 of PKWARE's APPNOTE), {@code sha256:} and
 * 64 hex digits, over every byte before the two that tell the comment's length.
 */
final class ChecksummedZip {

  private static final String PREFIX = "sha256:";

  /** Of the comment, in bytes. */
  private static final int COMMENT = PREFIX.length() + 64;

  /** The length of the comment in the archive's last record: two bytes, the lower one first. */
  private static final byte[] LENGTH = {(byte) COMMENT, 0};

  private static final int PIECE = 64 * 1024;

  private ChecksummedZip() {}

  /** Takes an archive without a comment, and writes it with the checksum. */
  static final class Output extends FilterOutputStream {

    private final MessageDigest digest = Hashes.sha256();
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();

    Output(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    /** The last two bytes so far are held back: at the end they are the length to replace. */
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      held.write(bytes, offset, length);
      if (held.size() > PIECE) {
        byte[] all = held.toByteArray();
        held.reset();
        held.write(all, all.length - LENGTH.length, LENGTH.length);
        pass(all, all.length - LENGTH.length);
      }
    }

    private void pass(byte[] bytes, int length) throws IOException {
      digest.update(bytes, 0, length);
      out.write(bytes, 0, length);
    }

    /** Writes the checksum; to be called once the archive is whole. */
    void finish() throws IOException {
      byte[] all = held.toByteArray();
      int length = all.length - LENGTH.length;
      if (length < 0 || all[length] != 0 || all[length + 1] != 0) {
        throw new IllegalStateException("The archive does not end without a comment");
      }
      pass(all, length);
      out.write(LENGTH);
      out.write((PREFIX + Hashes.hex(digest)).getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
  }

  /**
   * Reads a whole file.
   *
   * @throws BackupException when it does not end with the checksum of what is before
   */
  static void check(Path file) throws IOException, BackupException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long end = channel.size() - LENGTH.length - COMMENT;
      ByteBuffer tail = ByteBuffer.allocate(LENGTH.length + COMMENT);
      if (end > 0) {
        readFully(channel, tail, end);
      }
      byte[] last = tail.array();
      String comment = new String(last, LENGTH.length, COMMENT, StandardCharsets.US_ASCII);
      if (end <= 0
          || !Arrays.equals(LENGTH, Arrays.copyOf(last, LENGTH.length))
          || !comment.startsWith(PREFIX)) {
        throw new BackupException(
            "The file %s is no backup of Mimir, or its end is missing".formatted(file));
      }
      if (!comment.substring(PREFIX.length()).equals(hash(channel, end))) {
        throw new BackupException(
            "The file %s is damaged: its checksum is another one".formatted(file));
      }
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer buffer, long from)
      throws IOException {
    long at = from;
    while (buffer.hasRemaining()) {
      int count = channel.read(buffer, at);
      if (count < 0) {
        throw new IOException("The file became shorter while it was read");
      }
      at += count;
    }
  }

  private static String hash(FileChannel channel, long end) throws IOException {
    MessageDigest digest = Hashes.sha256();
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    for (long at = 0; at < end; at += piece.limit()) {
      piece.clear().limit((int) Math.min(PIECE, end - at));
      readFully(channel, piece, at);
      digest.update(piece.flip());
    }
    return Hashes.hex(digest);
  }
}

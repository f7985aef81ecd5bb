package io.mimir.plugin.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Streams over file descriptors that Java has no object for: the frames travel on private copies of
 * stdin and stdout, so that a plugin that prints or reads disturbs nothing.
 */
final class Fd {

  private static final int EINTR = 4;

  private Fd() {}

  static final class In extends InputStream {

    private final int fd;
    private final byte[] buffer = new byte[64 * 1024];
    private int from;
    private int to;

    In(int fd) {
      this.fd = fd;
    }

    private boolean fill() throws IOException {
      if (from < to) {
        return true;
      }
      long count;
      do {
        count = Libc.read(fd, buffer, buffer.length);
      } while (count < 0 && Libc.errno() == EINTR);
      if (count < 0) {
        throw new IOException("read: errno " + Libc.errno());
      }
      from = 0;
      to = (int) count;
      return count > 0;
    }

    @Override
    public int read() throws IOException {
      return fill() ? buffer[from++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!fill()) {
        return -1;
      }
      int count = Math.min(length, to - from);
      System.arraycopy(buffer, from, target, offset, count);
      from += count;
      return count;
    }
  }

  /** Gathers until it is flushed, so that a small frame is one write. */
  static final class Out extends OutputStream {

    private final int fd;
    private final byte[] buffer = new byte[64 * 1024];
    private int length;

    Out(int fd) {
      this.fd = fd;
    }

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      int done = 0;
      while (done < count) {
        if (length == buffer.length) {
          flush();
        }
        int part = Math.min(count - done, buffer.length - length);
        System.arraycopy(bytes, offset + done, buffer, length, part);
        length += part;
        done += part;
      }
    }

    @Override
    public void flush() throws IOException {
      while (length > 0) {
        long written = Libc.write(fd, buffer, length);
        if (written < 0 && Libc.errno() != EINTR) {
          throw new IOException("write: errno " + Libc.errno());
        }
        if (written > 0) {
          System.arraycopy(buffer, (int) written, buffer, 0, length - (int) written);
          length -= (int) written;
        }
      }
    }
  }
}

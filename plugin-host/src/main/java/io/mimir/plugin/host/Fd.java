package io.mimir.plugin.host;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Streams over file descriptors that Java has no object for: the frames travel on private copies of
 * stdin and stdout, so that a plugin that prints or reads disturbs nothing. Large bodies go between
 * the descriptor and native memory straight, past the heap, which has no room for many of them.
 */
final class Fd {

  private static final int EINTR = 4;

  /** Of poll(2): the other side has hung up. */
  private static final int POLLHUP = 16;

  private static final int BUFFER = 64 * 1024;

  private Fd() {}

  /** What a stream reads from; the other kind of host has only what Java gives it. */
  abstract static class Source extends InputStream {

    /**
     * Reads exactly so many bytes to native memory.
     *
     * @throws EOFException when there are fewer
     */
    abstract void readTo(Memory target, int length) throws IOException;

    /** Whether nobody will write any more, whatever there still is to read. */
    abstract boolean hungUp();
  }

  /** What a stream writes to. */
  abstract static class Sink extends OutputStream {

    /** Writes so many bytes from native memory. */
    abstract void writeFrom(Pointer bytes, int length) throws IOException;
  }

  /** What Java gives, where there is no C library. */
  static Source plain(InputStream in) {
    return new Source() {
      @Override
      public int read() throws IOException {
        return in.read();
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        return in.read(target, offset, length);
      }

      @Override
      void readTo(Memory target, int length) throws IOException {
        for (int done = 0; done < length; ) {
          byte[] part = in.readNBytes(Math.min(BUFFER, length - done));
          if (part.length == 0) {
            throw new EOFException("There are " + done + " bytes of " + length);
          }
          target.write(done, part, 0, part.length);
          done += part.length;
        }
      }

      @Override
      boolean hungUp() {
        return false;
      }
    };
  }

  /** See {@link #plain(InputStream)}. */
  static Sink plain(OutputStream out) {
    return new Sink() {
      @Override
      public void write(int octet) throws IOException {
        out.write(octet);
      }

      @Override
      public void write(byte[] bytes, int offset, int count) throws IOException {
        out.write(bytes, offset, count);
      }

      @Override
      void writeFrom(Pointer bytes, int length) throws IOException {
        for (int done = 0; done < length; ) {
          int part = Math.min(BUFFER, length - done);
          out.write(bytes.getByteArray(done, part));
          done += part;
        }
        out.flush();
      }

      @Override
      public void flush() throws IOException {
        out.flush();
      }
    };
  }

  static final class In extends Source {

    private final int fd;
    private final Memory memory = new Memory(BUFFER);
    private final Memory polled = new Memory(8);
    private int from;
    private int to;

    In(int fd) {
      this.fd = fd;
      polled.clear();
      polled.setInt(0, fd);
    }

    private boolean fill() throws IOException {
      if (from < to) {
        return true;
      }
      to = read(Pointer.nativeValue(memory), BUFFER);
      from = 0;
      return to > 0;
    }

    private int read(long address, int length) throws IOException {
      long count;
      do {
        count = Libc.read(fd, address, length);
      } while (count < 0 && Libc.errno() == EINTR);
      if (count < 0) {
        throw new IOException("read: errno " + Libc.errno());
      }
      return (int) count;
    }

    @Override
    public int read() throws IOException {
      return fill() ? memory.getByte(from++) & 0xff : -1;
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
      memory.read(from, target, offset, count);
      from += count;
      return count;
    }

    @Override
    void readTo(Memory target, int length) throws IOException {
      int done = Math.min(length, to - from);
      if (done > 0) {
        byte[] part = new byte[done];
        memory.read(from, part, 0, done);
        target.write(0, part, 0, done);
        from += done;
      }
      while (done < length) {
        int count = read(Pointer.nativeValue(target) + done, length - done);
        if (count == 0) {
          throw new EOFException("There are " + done + " bytes of " + length);
        }
        done += count;
      }
    }

    @Override
    boolean hungUp() {
      polled.setInt(4, 0);
      return Libc.poll(Pointer.nativeValue(polled), 1, 0) > 0
          && (polled.getShort(6) & POLLHUP) != 0;
    }
  }

  /** Gathers until it is flushed, so that a small frame is one write. */
  static final class Out extends Sink {

    private final int fd;
    private final Memory memory = new Memory(BUFFER);
    private int length;

    Out(int fd) {
      this.fd = fd;
    }

    @Override
    public void write(int octet) throws IOException {
      if (length == BUFFER) {
        flush();
      }
      memory.setByte(length++, (byte) octet);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      int done = 0;
      while (done < count) {
        if (length == BUFFER) {
          flush();
        }
        int part = Math.min(count - done, BUFFER - length);
        memory.write(length, bytes, offset + done, part);
        length += part;
        done += part;
      }
    }

    @Override
    void writeFrom(Pointer bytes, int count) throws IOException {
      flush();
      write(Pointer.nativeValue(bytes), count);
    }

    @Override
    public void flush() throws IOException {
      int all = length;
      length = 0;
      write(Pointer.nativeValue(memory), all);
    }

    private void write(long address, int count) throws IOException {
      int done = 0;
      while (done < count) {
        long written = Libc.write(fd, address + done, count - done);
        if (written < 0 && Libc.errno() != EINTR) {
          throw new IOException("write: errno " + Libc.errno());
        }
        done += (int) Math.max(0, written);
      }
    }
  }
}

package io.mimir.plugin.host;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.mimir.plugin.kit.frame.Failure;
import java.io.IOException;

/**
 * A file that is nowhere but in memory (memfd_create(2)), and cannot be changed once it holds the
 * plugin. It is made before the filter of system calls, which lets no other one be made.
 */
final class MemoryFile extends PluginFile {

  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int F_ADD_SEALS = 1033;

  /** No more sealing, shrinking, growing and writing (fcntl(2)). */
  private static final int ALL_SEALS = 1 | 2 | 4 | 8;

  private final int fd;

  private MemoryFile(int fd) {
    this.fd = fd;
  }

  /**
   * @throws IOException when the kernel refuses
   */
  static MemoryFile create() throws IOException {
    try (Memory name = new Memory(8)) {
      name.setString(0, "plugin");
      long fd =
          SystemCall.MEMFD_CREATE.call(Pointer.nativeValue(name), MFD_CLOEXEC | MFD_ALLOW_SEALING);
      if (fd < 0) {
        throw new IOException("memfd_create: errno " + Libc.errno());
      }
      return new MemoryFile((int) fd);
    }
  }

  @Override
  void keep(byte[] piece) throws LoadException {
    try {
      Fd.Out out = new Fd.Out(fd);
      out.write(piece);
      out.flush();
    } catch (IOException e) {
      throw new LoadException(Failure.LOAD_FAILED, "There is no memory for it");
    }
  }

  @Override
  String seal() throws LoadException {
    if (Libc.fcntl(fd, F_ADD_SEALS, ALL_SEALS) != 0) {
      throw new LoadException(Failure.LOAD_FAILED, "The copy cannot be sealed");
    }
    return "/proc/self/fd/" + fd;
  }
}

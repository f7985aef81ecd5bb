package io.mimir.plugin.host;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Takes the file system and the network from this process and what it becomes (landlock(7),
 * Documentation/userspace-api/landlock.rst).
 */
final class Landlock {

  private static final long VERSION = 1;
  private static final long PATH_BENEATH = 1;

  private static final long EXECUTE = 1;
  private static final long WRITE_FILE = 1 << 1;
  private static final long READ_FILE = 1 << 2;
  private static final long READ_DIR = 1 << 3;
  private static final long TRUNCATE = 1 << 14;

  /**
   * To make folders, and to rename and remove what is there. What was removed while it was open
   * takes room that nobody sees, and folders are what is hard to count and to clear.
   */
  private static final long TREE = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 13;

  private static final long TCP_BIND_AND_CONNECT = 3;
  private static final long ABSTRACT_SOCKETS_AND_SIGNALS = 3;

  /** Character and block devices, sockets, pipes and symbolic links are no files to keep. */
  private static final long ODD_FILES = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12;

  /** On devices. */
  private static final long IOCTL = 1 << 15;

  private static final long READ = EXECUTE | READ_FILE | READ_DIR;

  private Landlock() {}

  /** The version that the kernel speaks; 0 when it has none. */
  static int version() {
    long version = SystemCall.LANDLOCK_CREATE_RULESET.call(0, 0, VERSION);
    return version > 0 ? (int) version : 0;
  }

  /** All rights to files that a version knows. */
  private static long files(int version) {
    int rights = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
    return (1L << rights) - 1;
  }

  /**
   * @param runnable folders and files that may be read and run
   * @param writable the one folder that may be written to, without running anything from it
   * @param tree whether folders may be made in it, and things renamed and removed
   * @param version from {@link #version}, at least 1
   * @return null when it is done, else why not
   */
  static String restrict(List<Path> runnable, Path writable, boolean tree, int version) {
    try (Memory attributes = new Memory(24)) {
      attributes.clear();
      attributes.setLong(0, files(version));
      attributes.setLong(8, version >= 4 ? TCP_BIND_AND_CONNECT : 0);
      attributes.setLong(16, version >= 6 ? ABSTRACT_SOCKETS_AND_SIGNALS : 0);
      long size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
      long ruleset = SystemCall.LANDLOCK_CREATE_RULESET.call(Pointer.nativeValue(attributes), size);
      if (ruleset < 0) {
        return "landlock_create_ruleset: errno " + Libc.errno();
      }
      try {
        for (Path path : runnable) {
          long rights = Files.isDirectory(path) ? READ : EXECUTE | READ_FILE;
          allow(ruleset, path, rights);
        }
        long denied = EXECUTE | ODD_FILES | IOCTL | (tree ? 0 : TREE);
        long write = files(version) & ~denied;
        String failure = allow(ruleset, writable, write);
        if (failure != null) {
          return failure;
        }
        long notTruncating = version >= 3 ? TRUNCATE : 0;
        allow(ruleset, Path.of("/dev/null"), READ_FILE | WRITE_FILE | notTruncating);
        return SystemCall.LANDLOCK_RESTRICT_SELF.call(ruleset) == 0
            ? null
            : "landlock_restrict_self: errno " + Libc.errno();
      } finally {
        Libc.close((int) ruleset);
      }
    }
  }

  private static String allow(long ruleset, Path path, long rights) {
    int fd = Libc.open(path.toString(), Libc.O_PATH | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      return path + ": errno " + Libc.errno();
    }
    try (Memory rule = new Memory(12)) {
      rule.setLong(0, rights);
      rule.setInt(8, fd);
      return SystemCall.LANDLOCK_ADD_RULE.call(ruleset, PATH_BENEATH, Pointer.nativeValue(rule))
              == 0
          ? null
          : "landlock_add_rule: errno " + Libc.errno();
    } finally {
      Libc.close(fd);
    }
  }
}

package io.mimir.plugin.host;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * What the host needs of the C library. All arguments are as wide as a register, which is how the
 * kernel takes them on both processors that are supported (syscall(2)).
 */
final class Libc {

  static final int PR_SET_NO_NEW_PRIVS = 38;
  static final int PR_SET_DUMPABLE = 4;

  static final int O_RDONLY = 0;
  static final int O_CLOEXEC = 0x80000;
  static final int O_PATH = 0x200000;

  static {
    Native.register(Libc.class, "c");
  }

  private Libc() {}

  static native long syscall(long number, long a, long b, long c, long d, long e, long f);

  static native int prctl(int option, long a, long b, long c, long d);

  static native int setrlimit(int resource, long[] softAndHard);

  static native int dup2(int from, int to);

  static native int close(int fd);

  static native int open(String path, int flags, int mode);

  // Addresses instead of arrays: JNA copies the whole of an array to and fro for each call.
  static native long read(int fd, long address, long size);

  static native long write(int fd, long address, long size);

  static native int poll(long descriptors, long count, int milliseconds);

  /** Ends the process at once: what it registered for its end does not run. */
  static native void _exit(int code);

  static native int execve(String path, Pointer arguments, Pointer environment);

  static native int fcntl(int fd, int command, long argument);

  static int errno() {
    return Native.getLastError();
  }
}

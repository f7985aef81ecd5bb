package io.mimir.plugin.host;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;

/**
 * A filter of system calls for all threads of this process, for good (seccomp(2), and the classic
 * BPF of Documentation/networking/filter.rst).
 */
final class Seccomp {

  private static final int SET_MODE_FILTER = 1;
  private static final int FLAG_TSYNC = 1;

  /** Offsets in struct seccomp_data. */
  private static final int NUMBER = 0;

  private static final int ARCH = 4;
  private static final int ARGUMENTS = 16;

  private static final int LOAD = 0x20;
  private static final int IF_EQUAL = 0x15;
  private static final int IF_AT_LEAST = 0x35;
  private static final int IF_ANY_BIT = 0x45;
  private static final int RETURN = 0x06;

  private static final int ALLOW = 0x7fff0000;
  private static final int ERRNO = 0x00050000;
  private static final int KILL_PROCESS = 0x80000000;

  private static final int EPERM = 1;
  private static final int ENOSYS = 38;

  private static final int CLONE_THREAD = 0x00010000;
  private static final int TIOCSTI = 0x5412;
  private static final int TIOCLINUX = 0x541C;

  /** System calls of the x32 ABI on x86-64 have this bit. */
  private static final int X32 = 0x40000000;

  private final List<long[]> program = new ArrayList<>();
  private final Numbers numbers;

  private Seccomp(Numbers numbers) {
    this.numbers = numbers;
  }

  /**
   * Denies what a plugin has no business with.
   *
   * @return null when it is done, else why not
   */
  static String restrict(Numbers numbers) {
    Seccomp filter = new Seccomp(numbers);
    filter.begin();
    for (int denied : numbers.allDenied()) {
      filter.unless(denied, EPERM);
    }
    filter.unless(numbers.clone3(), ENOSYS);
    filter.onlyThreads();
    filter.onlyOwnSignals();
    filter.onlyReadingLimits();
    filter.noTerminalTricks();
    return filter.apply();
  }

  /**
   * Denies new files in memory, once the plugin itself is in one: nothing else can be loaded so.
   */
  static String restrictMemoryFiles(Numbers numbers) {
    Seccomp filter = new Seccomp(numbers);
    filter.begin();
    filter.unless(numbers.memfdCreate(), EPERM);
    return filter.apply();
  }

  private void begin() {
    add(LOAD, 0, 0, ARCH);
    add(IF_EQUAL, 1, 0, numbers.audit());
    add(RETURN, 0, 0, KILL_PROCESS);
    add(LOAD, 0, 0, NUMBER);
    add(IF_AT_LEAST, 0, 1, X32);
    add(RETURN, 0, 0, KILL_PROCESS);
  }

  private void unless(int number, int errno) {
    add(IF_EQUAL, 0, 1, number);
    add(RETURN, 0, 0, ERRNO | errno);
  }

  /** clone makes threads and nothing else; its flags are the first argument on both processors. */
  private void onlyThreads() {
    add(IF_EQUAL, 0, 4, numbers.cloneCall());
    add(LOAD, 0, 0, ARGUMENTS);
    add(IF_ANY_BIT, 1, 0, CLONE_THREAD);
    add(RETURN, 0, 0, ERRNO | EPERM);
    add(LOAD, 0, 0, NUMBER);
  }

  /** The JVM signals its own threads, and nobody else's. */
  private void onlyOwnSignals() {
    add(IF_EQUAL, 0, 4, numbers.tgkill());
    add(LOAD, 0, 0, ARGUMENTS);
    add(IF_EQUAL, 1, 0, ProcessHandle.current().pid());
    add(RETURN, 0, 0, ERRNO | EPERM);
    add(LOAD, 0, 0, NUMBER);
  }

  /** prlimit without new limits is how the C library reads them. */
  private void onlyReadingLimits() {
    add(IF_EQUAL, 0, 6, numbers.prlimit());
    add(LOAD, 0, 0, ARGUMENTS + 2 * 8);
    add(IF_EQUAL, 0, 2, 0);
    add(LOAD, 0, 0, ARGUMENTS + 2 * 8 + 4);
    add(IF_EQUAL, 1, 0, 0);
    add(RETURN, 0, 0, ERRNO | EPERM);
    add(LOAD, 0, 0, NUMBER);
  }

  private void noTerminalTricks() {
    add(IF_EQUAL, 0, 5, numbers.ioctl());
    add(LOAD, 0, 0, ARGUMENTS + 8);
    add(IF_EQUAL, 1, 0, TIOCSTI);
    add(IF_EQUAL, 0, 1, TIOCLINUX);
    add(RETURN, 0, 0, ERRNO | EPERM);
    add(LOAD, 0, 0, NUMBER);
  }

  private void add(int code, int ifTrue, int ifFalse, long value) {
    program.add(new long[] {code, ifTrue, ifFalse, value});
  }

  private String apply() {
    add(RETURN, 0, 0, ALLOW);
    try (Memory code = new Memory(8L * program.size());
        Memory descriptor = new Memory(16)) {
      long at = 0;
      for (long[] step : program) {
        code.setShort(at, (short) step[0]);
        code.setByte(at + 2, (byte) step[1]);
        code.setByte(at + 3, (byte) step[2]);
        code.setInt(at + 4, (int) step[3]);
        at += 8;
      }
      descriptor.clear();
      descriptor.setShort(0, (short) program.size());
      descriptor.setPointer(8, code);
      long result =
          Libc.syscall(
              numbers.seccomp(), SET_MODE_FILTER, FLAG_TSYNC, Pointer.nativeValue(descriptor));
      return result == 0
          ? null
          : "seccomp was refused ("
              + (result < 0 ? "errno " + Native.getLastError() : result)
              + ")";
    }
  }
}

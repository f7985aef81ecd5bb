package io.mimir.plugin.host;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A filter of system calls for all threads of this process, for good (seccomp(2), and the classic
 * BPF of Documentation/networking/filter.rst). What is denied outright is in {@link SystemCall};
 * here is what depends on arguments.
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
  private static final int IF_MORE = 0x25;
  private static final int IF_AT_LEAST = 0x35;
  private static final int IF_ANY_BIT = 0x45;
  private static final int AND = 0x54;
  private static final int RETURN = 0x06;

  private static final int ALLOW = 0x7fff0000;
  private static final int ERRNO = 0x00050000;
  private static final int KILL_PROCESS = 0x80000000;

  private static final int EPERM = 1;
  private static final int ENOSYS = 38;

  private static final int CLONE_THREAD = 0x00010000;

  private static final int O_ACCMODE = 3;
  private static final int O_TRUNC = 0x200;

  /** The bit of O_TMPFILE that is its own. */
  private static final int UNNAMED = 0x400000;

  private static final int MAP_SHARED = 1;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_GROWSDOWN = 0x100;

  /** Commands of fcntl that send signals, to whoever is named. */
  private static final List<Integer> SIGNALLING_FCNTLS =
      List.of(
          8, // F_SETOWN
          10, // F_SETSIG
          15, // F_SETOWN_EX
          1026 // F_NOTIFY
          );

  private static final List<Integer> FOREIGN_IOCTLS =
      List.of(
          0x5412, // TIOCSTI: types on a terminal
          0x541C, // TIOCLINUX: pastes on one
          0x8901, // FIOSETOWN: signals
          0x8902 // SIOCSPGRP: signals
          );

  /** What the C library, JVM and Go's runtime use, and what only asks. */
  private static final List<Integer> ALLOWED_PRCTLS =
      List.of(
          3, // PR_GET_DUMPABLE
          15, // PR_SET_NAME: of a thread
          16, // PR_GET_NAME
          21, // PR_GET_SECCOMP
          23, // PR_CAPBSET_READ
          39, // PR_GET_NO_NEW_PRIVS
          0x53564d41 // PR_SET_VMA: a name for memory
          );

  /** System calls of the x32 ABI on x86-64 have this bit. */
  private static final int X32 = 0x40000000;

  private final List<long[]> program = new ArrayList<>();
  private final Machine machine;

  private Seccomp(Machine machine) {
    this.machine = machine;
  }

  /**
   * Denies what a plugin has no business with.
   *
   * @return null when it is done, else why not
   */
  static String restrict(Machine machine) {
    Seccomp filter = new Seccomp(machine);
    filter.begin();
    filter.add(IF_MORE, 0, 1, SystemCall.HIGHEST);
    filter.add(RETURN, 0, 0, ERRNO | ENOSYS);
    Map<SystemCall.Fate, Integer> answers =
        Map.of(
            SystemCall.Fate.DENIED, ERRNO | EPERM,
            SystemCall.Fate.ABSENT, ERRNO | ENOSYS,
            SystemCall.Fate.DEADLY, KILL_PROCESS);
    Stream.of(SystemCall.values())
        .filter(call -> answers.containsKey(call.fate()))
        .forEach(call -> filter.answer(call, answers.get(call.fate())));
    filter.restrictArguments();
    return filter.apply();
  }

  private void begin() {
    add(LOAD, 0, 0, ARCH);
    add(IF_EQUAL, 1, 0, machine.audit());
    add(RETURN, 0, 0, KILL_PROCESS);
    add(LOAD, 0, 0, NUMBER);
    add(IF_AT_LEAST, 0, 1, X32);
    add(RETURN, 0, 0, KILL_PROCESS);
  }

  private void answer(SystemCall call, int answer) {
    int number = call.on(machine);
    if (number != Machine.NONE) {
      add(IF_EQUAL, 0, 1, number);
      add(RETURN, 0, 0, answer);
    }
  }

  private void restrictArguments() {
    // Threads and nothing else; the flags come first on both machines.
    rule(SystemCall.CLONE, load(0), step(IF_ANY_BIT, CLONE_THREAD, Then.ALLOW, Then.DENY));
    // The JVM signals its own threads.
    long pid = ProcessHandle.current().pid();
    rule(SystemCall.TGKILL, load(0), step(IF_EQUAL, pid, Then.ALLOW, Then.DENY));
    rule(SystemCall.PRCTL, oneOf(0, ALLOWED_PRCTLS, Then.ALLOW, Then.DENY));
    rule(SystemCall.FCNTL, oneOf(1, SIGNALLING_FCNTLS, Then.DENY, Then.ALLOW));
    rule(SystemCall.IOCTL, oneOf(1, FOREIGN_IOCTLS, Then.DENY, Then.ALLOW));
    // Before its version 3, Landlock lets a file be emptied that may only be read; and a file
    // without a name takes room that nobody sees.
    rule(SystemCall.OPEN, hiding(1));
    rule(SystemCall.OPENAT, hiding(2));
    // Any mode but 0 takes room on the disk that neither the file's size nor RLIMIT_FSIZE shows.
    rule(SystemCall.FALLOCATE, load(1), step(IF_EQUAL, 0, Then.ALLOW, Then.DENY));
    // RLIMIT_DATA counts private memory only, and of that only what does not grow like a stack.
    rule(
        SystemCall.MMAP,
        load(3),
        step(IF_ANY_BIT, MAP_GROWSDOWN, Then.DENY, Then.NEXT),
        step(AND, MAP_ANONYMOUS | MAP_SHARED, Then.NEXT, Then.NEXT),
        step(IF_EQUAL, MAP_ANONYMOUS | MAP_SHARED, Then.DENY, Then.ALLOW));
    // Without new limits, a NULL of two halves, it is how the C library reads the old ones.
    rule(
        SystemCall.PRLIMIT64,
        load(2),
        step(IF_EQUAL, 0, Then.NEXT, Then.DENY),
        step(LOAD, ARGUMENTS + 2 * Long.BYTES + Integer.BYTES, Then.NEXT, Then.NEXT),
        step(IF_EQUAL, 0, Then.ALLOW, Then.DENY));
  }

  private static Step[] hiding(int argument) {
    return new Step[] {
      load(argument),
      step(IF_ANY_BIT, UNNAMED, Then.DENY, Then.NEXT),
      step(AND, O_ACCMODE | O_TRUNC, Then.NEXT, Then.NEXT),
      step(IF_EQUAL, O_TRUNC, Then.DENY, Then.ALLOW)
    };
  }

  private static Step[] oneOf(int argument, List<Integer> values, Then isIn, Then isNot) {
    Step[] steps = new Step[1 + values.size()];
    steps[0] = load(argument);
    for (int i = 0; i < values.size(); i++) {
      Then otherwise = i == values.size() - 1 ? isNot : Then.NEXT;
      steps[i + 1] = step(IF_EQUAL, values.get(i), isIn, otherwise);
    }
    return steps;
  }

  private enum Then {
    NEXT,
    DENY,
    ALLOW
  }

  private record Step(int code, long value, Then ifTrue, Then ifFalse) {}

  private static Step step(int code, long value, Then ifTrue, Then ifFalse) {
    return new Step(code, value, ifTrue, ifFalse);
  }

  /** The lower half of an argument, which is all that the kernel takes of those that are ints. */
  private static Step load(int argument) {
    return step(LOAD, ARGUMENTS + (long) argument * Long.BYTES, Then.NEXT, Then.NEXT);
  }

  /** Answers one call, and is jumped over by the others; its last step has to decide. */
  private void rule(SystemCall call, Step... steps) {
    int number = call.on(machine);
    if (number == Machine.NONE) {
      return;
    }
    add(IF_EQUAL, 0, steps.length + 2, number);
    for (int i = 0; i < steps.length; i++) {
      int left = steps.length - i - 1;
      Step step = steps[i];
      add(step.code, distance(step.ifTrue, left), distance(step.ifFalse, left), step.value);
    }
    add(RETURN, 0, 0, ERRNO | EPERM);
    add(RETURN, 0, 0, ALLOW);
  }

  /** How many instructions to jump over, with so many steps in between. */
  private static int distance(Then then, int left) {
    return switch (then) {
      case NEXT -> 0;
      case DENY -> left;
      case ALLOW -> left + 1;
    };
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
          SystemCall.SECCOMP.call(SET_MODE_FILTER, FLAG_TSYNC, Pointer.nativeValue(descriptor));
      if (result == 0) {
        return null;
      }
      // What is more than 0 is a thread that has another filter.
      return "seccomp was refused (" + (result < 0 ? "errno " + Libc.errno() : result) + ")";
    }
  }
}

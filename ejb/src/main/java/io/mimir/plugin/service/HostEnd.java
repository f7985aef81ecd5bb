package io.mimir.plugin.service;

import io.mimir.plugin.kit.RefusalReason;
import java.util.Map;

/**
 * Why a process of a plugin ended.
 *
 * @param reason null when it was meant to
 * @param sentence for people
 */
record HostEnd(RefusalReason reason, String sentence) {

  /** How Java numbers ends by a signal: 128 and its number (signal(7)). */
  private static final int BY_SIGNAL = 128;

  /** With it the JVM of a host ends at a signal that it cannot go on from. */
  private static final int FATAL = 1;

  private static final Map<Integer, String> SIGNALS =
      Map.of(
          4, "It crashed: illegal instruction (SIGILL)",
          6, "It gave up by itself (SIGABRT)",
          7, "It crashed: bad memory access (SIGBUS)",
          8, "It crashed: arithmetic error (SIGFPE)",
          9, "It was killed (SIGKILL)",
          11, "It crashed: bad memory access (SIGSEGV)",
          24, "It used too much processor time (SIGXCPU)",
          25, "It wrote too large a file (SIGXFSZ)",
          31, "It did what its jail forbids (SIGSYS)");

  /** What the exit code of a process says. */
  static String inWords(int code) {
    if (code == FATAL) {
      return "It crashed: bad memory access (SIGSEGV, SIGBUS), illegal instruction (SIGILL) or"
          + " arithmetic error (SIGFPE), or it called exit(1)";
    }
    return SIGNALS.getOrDefault(code - BY_SIGNAL, "It ended by itself with code " + code);
  }
}

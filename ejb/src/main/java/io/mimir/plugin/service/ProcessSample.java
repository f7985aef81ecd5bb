package io.mimir.plugin.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the kernel tells everybody of a process (proc_pid_stat(5)): its files and its memory it does
 * not tell of one that cannot be dumped, not even to its own user.
 *
 * @param threads how many it has
 * @param cpu processor time of all its threads, those that have ended included
 */
record ProcessSample(int threads, Duration cpu) {

  /** Fields of the line, counted from the one behind the name, which may have blanks in it. */
  private static final int USER_TICKS = 11;

  private static final int SYSTEM_TICKS = 12;
  private static final int THREADS = 17;

  /** USER_HZ, which is 100 on every machine that plugins run on. */
  private static final Duration TICK = Duration.ofMillis(10);

  /** Empty when it has ended, and on systems that have no /proc. */
  static Optional<ProcessSample> of(long pid) {
    try {
      return parse(
          Files.readString(
              Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static Optional<ProcessSample> parse(String line) {
    String[] fields = line.substring(line.lastIndexOf(')') + 1).strip().split(" ");
    if (fields.length <= THREADS) {
      return Optional.empty();
    }
    long ticks = Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]);
    return Optional.of(
        new ProcessSample(Integer.parseInt(fields[THREADS]), TICK.multipliedBy(ticks)));
  }
}

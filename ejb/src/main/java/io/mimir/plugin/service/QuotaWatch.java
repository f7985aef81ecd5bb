package io.mimir.plugin.service;

import io.mimir.plugin.kit.manifest.Quota;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Compares what one process uses with what it may, whenever it is asked to. It costs little for a
 * plugin that does nothing: one line of /proc; the folder is gone through only when there was
 * processor time to write to it, and the seldomer the longer that takes.
 */
final class QuotaWatch {

  /** Threads that the host adds after its start: of the JVM, and one for each cancelled call. */
  private static final int THREADS_OF_THE_HOST = 16;

  /** Of the time that passes, this part at most goes into the folder. */
  private static final int PART_FOR_THE_FOLDER = 20;

  private static final long LONGEST_BREAK_NANOS = Duration.ofSeconds(2).toNanos();
  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private final Quota quota;
  private final long pid;
  private final Path work;
  private final int mostThreads;
  private Duration cpu;
  private Duration cpuAtFolder;
  private long busy;
  private long at;
  private long nextFolder;

  /** Processor time that may still be used between calls; it grows back within a minute. */
  private double left;

  /**
   * To be made before anything of the plugin runs.
   *
   * @param concurrency how many calls it takes at once, each on a thread of the host's
   * @param pid of its process
   * @param work what it may write to
   */
  QuotaWatch(Quota quota, int concurrency, long pid, Path work, long now) {
    this.quota = quota;
    this.pid = pid;
    this.work = work;
    Optional<ProcessSample> before = ProcessSample.of(pid);
    mostThreads =
        before.map(ProcessSample::threads).orElse(0)
            + concurrency
            + THREADS_OF_THE_HOST
            + quota.threads();
    cpu = before.map(ProcessSample::cpu).orElse(Duration.ZERO);
    at = now;
    left = quota.idleCpu().toNanos();
  }

  /**
   * Looks at it now.
   *
   * @param busyNanos for how long calls have been under way, since it began
   * @param now nanoseconds of the same clock as all other times here
   * @return a sentence when it has more than it may
   */
  Optional<String> look(long busyNanos, long now) {
    Optional<ProcessSample> sample = ProcessSample.of(pid);
    Optional<String> excess = sample.flatMap(this::threads);
    if (excess.isEmpty()) {
      excess = sample.flatMap(each -> idle(each.cpu(), busyNanos, now));
    }
    return excess.isEmpty() ? folder(now) : excess;
  }

  private Optional<String> threads(ProcessSample sample) {
    return sample.threads() > mostThreads
        ? Optional.of("It had more than the %d threads of its limits".formatted(quota.threads()))
        : Optional.empty();
  }

  /** While calls are under way, it may use all processors; what it uses beyond that counts. */
  private Optional<String> idle(Duration used, long busyNanos, long now) {
    long passed = now - at;
    double refill = (double) passed * quota.idleCpu().toNanos() / MINUTE_NANOS;
    long forCalls = (busyNanos - busy) * PROCESSORS;
    long idle = Math.max(0, used.minus(cpu).toNanos() - forCalls);
    left = Math.min(quota.idleCpu().toNanos(), left + refill) - idle;
    cpu = used;
    busy = busyNanos;
    at = now;
    return left < 0
        ? Optional.of(
            "Between calls it used more than the %d ms of processor time a minute of idle_cpu_ms"
                .formatted(quota.idleCpu().toMillis()))
        : Optional.empty();
  }

  private Optional<String> folder(long now) {
    if (now - nextFolder < 0 || cpu.equals(cpuAtFolder)) {
      return Optional.empty();
    }
    cpuAtFolder = cpu;
    long mostBytes = quota.workMb() * 1024L * 1024;
    long start = System.nanoTime();
    FolderUse use = FolderUse.of(work, quota.workFiles(), mostBytes);
    long took = System.nanoTime() - start;
    nextFolder = now + Math.min(LONGEST_BREAK_NANOS, took * PART_FOR_THE_FOLDER);
    if (use.isTooDeep()) {
      return Optional.of(
          "Folders in its work folder lay more than %d deep".formatted(FolderUse.MAX_DEPTH));
    }
    if (use.files() > quota.workFiles()) {
      return Optional.of(
          "Its work folder had more than the %d files of work_files".formatted(quota.workFiles()));
    }
    return use.bytes() > mostBytes
        ? Optional.of(
            "Its work folder had more than the %d MiB of work_mb".formatted(quota.workMb()))
        : Optional.empty();
  }
}

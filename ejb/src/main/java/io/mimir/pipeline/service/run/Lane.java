package io.mimir.pipeline.service.run;

/**
 * One line of steps that are done one after the other, by one thread. What a step gave and what the
 * next one begins with are written together: one commit a step.
 */
final class Lane {

  private final RunWork run;
  private RunWrite pending;

  Lane(RunWork run) {
    this.run = run;
  }

  /** Has it written with what comes next, or at {@link #flush}, whichever comes first. */
  void later(RunWrite write) {
    if (pending == null) {
      pending = write;
    } else {
      pending.add(write);
    }
  }

  /** Writes it now, and what waits before it. */
  void append(RunWrite write) throws RunLostException, RunEndedException {
    later(write);
    flush();
  }

  /** Writes what waits. */
  void flush() throws RunLostException, RunEndedException {
    RunWrite all = pending;
    pending = null;
    if (all != null) {
      run.append(all);
    }
  }
}

package io.mimir.pipeline.service.run;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** Ends the work on a run from outside. Safe for any number of threads. */
public final class RunControl {

  /** Why the work ends. */
  public enum End {
    /** Somebody wants the run to end. */
    CANCELLED,
    /** The server stops, or another process works on the run: it goes on there, or later. */
    STOPPED,
    /** The run has worked for as long as it may. */
    TIMEOUT
  }

  private final Set<Runnable> hooks = ConcurrentHashMap.newKeySet();
  private final BooleanSupplier stopping;
  private volatile End end;

  public RunControl() {
    this(() -> false);
  }

  /**
   * @param stopping whether nothing new may begin, while what is under way may end
   */
  public RunControl(BooleanSupplier stopping) {
    this.stopping = stopping;
  }

  /** Ends it: whatever is under way is cancelled. The first reason counts. */
  public void end(End why) {
    synchronized (this) {
      if (end == null) {
        end = why;
      }
    }
    hooks.forEach(Runnable::run);
  }

  /** Tells whether the work is to end. */
  public boolean hasEnded() {
    return end != null;
  }

  /** Why the work ends; null while it may go on. */
  End ended() {
    return end;
  }

  /**
   * @throws RunEndedException when the work is to end
   */
  void check() throws RunEndedException {
    if (end == null && stopping.getAsBoolean()) {
      end(End.STOPPED);
    }
    if (end != null) {
      throw new RunEndedException();
    }
  }

  /** Has something done when the work ends; at once when it has ended. */
  public void onEnd(Runnable hook) {
    hooks.add(hook);
    if (end != null) {
      hook.run();
    }
  }

  /** Takes back what {@link #onEnd} was told. */
  public void forget(Runnable hook) {
    hooks.remove(hook);
  }
}

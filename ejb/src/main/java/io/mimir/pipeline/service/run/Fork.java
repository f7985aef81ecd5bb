package io.mimir.pipeline.service.run;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Does parts of a run side by side. The thread that asks works too, so that a run always goes on,
 * however many threads others have.
 */
final class Fork {

  private final Executor threads;
  private final Semaphore free;

  /**
   * @param most how many threads help at once, over all runs
   */
  Fork(Executor threads, int most) {
    this.threads = threads;
    this.free = new Semaphore(most);
  }

  /** One of the parts. */
  interface Part {
    void run(int number) throws StepFailure, RestException, RunEndedException, RunLostException;
  }

  /** How the parts ended, looked at when none runs any more. */
  private static final class Ends {
    private StepFailure failure;
    private RestException rest;
    private RunEndedException ended;
    private RunLostException lost;
    private RuntimeException fault;

    synchronized boolean goesOn() {
      return failure == null && ended == null && lost == null && fault == null;
    }

    synchronized void rests(RestException why) {
      rest = RestException.both(rest, why);
    }

    synchronized void fails(StepFailure why) {
      failure = failure == null ? why : failure;
    }

    synchronized void ends(RunEndedException why) {
      ended = why;
    }

    synchronized void loses(RunLostException why) {
      lost = why;
    }

    synchronized void breaks(RuntimeException why) {
      fault = why;
    }

    synchronized void conclude()
        throws StepFailure, RestException, RunEndedException, RunLostException {
      if (fault != null) {
        throw fault;
      }
      if (lost != null) {
        throw lost;
      }
      if (ended != null) {
        throw ended;
      }
      if (failure != null) {
        throw failure;
      }
      if (rest != null) {
        throw rest;
      }
    }
  }

  /**
   * Does parts 0 to count - 1. A part that fails keeps those that have not begun from beginning;
   * one that rests keeps none.
   *
   * @param most how many at once
   */
  void run(int count, int most, Part part)
      throws StepFailure, RestException, RunEndedException, RunLostException {
    Ends ends = new Ends();
    AtomicInteger next = new AtomicInteger();
    Runnable work = () -> workOff(count, next, ends, part);
    List<CompletableFuture<Void>> helpers = new ArrayList<>();
    for (int i = 1; i < Math.min(count, most) && free.tryAcquire(); i++) {
      helpers.add(help(work));
    }
    work.run();
    for (CompletableFuture<Void> helper : helpers) {
      await(helper);
    }
    ends.conclude();
  }

  private CompletableFuture<Void> help(Runnable work) {
    try {
      return CompletableFuture.runAsync(work, threads)
          .whenComplete((nothing, failure) -> free.release());
    } catch (RejectedExecutionException e) {
      // The server stops: whoever asked does it alone, as far as it still goes.
      free.release();
      return CompletableFuture.completedFuture(null);
    }
  }

  private static void workOff(int count, AtomicInteger next, Ends ends, Part part) {
    while (ends.goesOn()) {
      int number = next.getAndIncrement();
      if (number >= count) {
        return;
      }
      try {
        part.run(number);
      } catch (StepFailure e) {
        ends.fails(e);
      } catch (RestException e) {
        ends.rests(e);
      } catch (RunEndedException e) {
        ends.ends(e);
      } catch (RunLostException e) {
        ends.loses(e);
      } catch (RuntimeException e) {
        ends.breaks(e);
      }
    }
  }

  private static void await(CompletableFuture<Void> helper) {
    boolean interrupted = false;
    while (true) {
      try {
        helper.get();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        throw new IllegalStateException("A part of a run ended in an unexpected way", e.getCause());
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

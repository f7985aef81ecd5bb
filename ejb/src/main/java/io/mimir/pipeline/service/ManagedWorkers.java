package io.mimir.pipeline.service;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.Phaser;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Threads of the server, which know what a session bean needs, as a service that can be shut down:
 * the server's own cannot, and whoever is given this wants to.
 */
final class ManagedWorkers extends AbstractExecutorService {

  private final Executor server;
  private final Phaser working = new Phaser(1);
  private volatile boolean over;

  ManagedWorkers(Executor server) {
    this.server = server;
  }

  @Override
  public void execute(Runnable work) {
    if (over) {
      throw new RejectedExecutionException("The server stops");
    }
    working.register();
    try {
      server.execute(
          () -> {
            try {
              work.run();
            } finally {
              working.arriveAndDeregister();
            }
          });
    } catch (RejectedExecutionException e) {
      working.arriveAndDeregister();
      throw e;
    }
  }

  @Override
  public void shutdown() {
    over = true;
  }

  /** Lets what runs end by itself: whoever works on a run is told by other means. */
  @Override
  public List<Runnable> shutdownNow() {
    over = true;
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return over;
  }

  @Override
  public boolean isTerminated() {
    return over && working.getUnarrivedParties() <= 1;
  }

  @Override
  public boolean awaitTermination(long time, TimeUnit unit) throws InterruptedException {
    int phase = working.arrive();
    try {
      working.awaitAdvanceInterruptibly(phase, time, unit);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }
}

package io.mimir.lifecycle.service;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How far the server has come: whether it can serve, and whether anybody has asked it yet. */
@ApplicationScoped
public class Readiness {

  private final CountDownLatch asked = new CountDownLatch(1);
  private volatile boolean ready;

  /** Tells that everything a request needs is there. */
  public void ready() {
    ready = true;
  }

  /** Tells that the server ends: it is no longer ready, and nobody waits for its first request. */
  public void stopped() {
    ready = false;
    asked.countDown();
  }

  /** Tells whether everything that a request needs is there. */
  public boolean isReady() {
    return ready;
  }

  /** Tells that a request has come in: what the server does for its start is done. */
  public void asked() {
    asked.countDown();
  }

  /**
   * Waits for the first request, for work that would take processors from the start.
   *
   * @param patience how long at most
   */
  public void awaitAsked(Duration patience) throws InterruptedException {
    asked.await(patience.toNanos(), TimeUnit.NANOSECONDS);
  }
}

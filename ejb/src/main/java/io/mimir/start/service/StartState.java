package io.mimir.start.service;

import io.mimir.security.Vault;
import io.mimir.storage.service.DataFolder;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What the start has opened, for the beans that need it, and how far it has come. */
@ApplicationScoped
public class StartState {

  private volatile DataFolder folder;
  private volatile Vault vault;
  private final CountDownLatch asked = new CountDownLatch(1);
  private volatile boolean ready;

  void open(DataFolder opened, Vault unlocked) {
    folder = opened;
    vault = unlocked;
  }

  void ready() {
    ready = true;
  }

  void stopped() {
    ready = false;
    asked.countDown();
  }

  /** Whether everything that a request needs is there. */
  public boolean isReady() {
    return ready;
  }

  /** A request has come in: what the server does for its start is done. */
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

  /** The one vault of this server. */
  @Produces
  Vault vault() {
    return vault;
  }

  @Produces
  DataFolder folder() {
    return folder;
  }
}

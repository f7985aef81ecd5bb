package io.mimir.lifecycle.service;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Where the server is between its start and its end, and what that means for requests. */
@ApplicationScoped
public class Readiness {

  /** When whoever is refused may find a server here again. */
  private static final Duration COME_BACK = Duration.ofSeconds(10);

  /** When there may be less to do. */
  private static final Duration LESS_TO_DO = Duration.ofSeconds(2);

  /** What the server is about. The order is that of time. */
  public enum Phase {
    /** Not everything that a request needs is there. */
    STARTING,
    SERVING,
    /** It still serves, and tells load balancers and clients to go elsewhere. */
    WITHDRAWING,
    /** What runs may end; nothing new begins. */
    DRAINING,
    STOPPED
  }

  private final CountDownLatch asked = new CountDownLatch(1);
  private volatile Phase phase = Phase.STARTING;
  private volatile boolean overloaded;

  /** Tells that everything a request needs is there. */
  public void ready() {
    enter(Phase.SERVING);
  }

  /** Tells that the server ends: nobody waits for its first request. */
  public void stopped() {
    enter(Phase.STOPPED);
    asked.countDown();
  }

  /** There is no way back to an earlier phase. */
  synchronized void enter(Phase next) {
    if (next.compareTo(phase) > 0) {
      phase = next;
    }
  }

  /**
   * Tells whether more is asked for than the server can do. It stays ready: another one of several
   * would get what this one does not.
   */
  public void setOverloaded(boolean overloaded) {
    this.overloaded = overloaded;
  }

  /** Returns what the server is about. */
  public Phase phase() {
    return phase;
  }

  /** Tells whether load balancers should send requests here. */
  public boolean isReady() {
    return phase == Phase.SERVING;
  }

  /**
   * Tells why a new request is refused.
   *
   * @return null when it is not: STARTING, OVERLOADED or DRAINING, with the time to come back
   */
  public ProblemException refusal() {
    return switch (phase) {
      case SERVING, WITHDRAWING ->
          overloaded
              ? ProblemException.retryable(
                  Problem.OVERLOADED,
                  "More is asked for than this server can do: try again soon",
                  LESS_TO_DO)
              : null;
      case STARTING ->
          ProblemException.retryable(
              Problem.STARTING, "The server is starting: try again soon", COME_BACK);
      case DRAINING, STOPPED ->
          ProblemException.retryable(
              Problem.DRAINING, "The server is stopping: try again soon", COME_BACK);
    };
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

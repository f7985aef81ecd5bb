package io.mimir.security.service;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How many passwords are hashed at once: each takes a processor for some tenths of a second, on
 * purpose, and calls of the gateway need them too. A few more may wait; the rest is refused, and no
 * thread waits for it.
 */
final class Hashing {

  private static final int WAITING = 8;
  private static final long PATIENCE_SECONDS = 10;

  private final Semaphore room;
  private final Semaphore work;

  /**
   * @param processors of this machine: half of them may hash
   */
  Hashing(int processors) {
    int most = Math.max(1, processors / 2);
    work = new Semaphore(most, true);
    room = new Semaphore(most + WAITING);
  }

  /**
   * Waits for its turn.
   *
   * @return false when too many wait already; otherwise {@link #end} has to follow
   */
  boolean begin() {
    if (!room.tryAcquire()) {
      return false;
    }
    try {
      if (work.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    room.release();
    return false;
  }

  void end() {
    work.release();
    room.release();
  }
}

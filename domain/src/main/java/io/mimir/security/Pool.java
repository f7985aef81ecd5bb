package io.mimir.security;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Things that are costly to make and serve one at a time. It keeps a few that are not in use, and
 * never waits: when there is none, the caller makes one; when there are enough, what is given back
 * is dropped.
 */
final class Pool<T> {

  /** More than that many are seldom in use at the same moment, however many threads there are. */
  private static final int SLOTS = 16;

  private final AtomicReferenceArray<T> slots = new AtomicReferenceArray<>(SLOTS);

  /**
   * @return one that nobody else has, or null
   */
  T take() {
    for (int i = 0; i < SLOTS; i++) {
      if (slots.getPlain(i) != null) {
        T taken = slots.getAndSet(i, null);
        if (taken != null) {
          return taken;
        }
      }
    }
    return null;
  }

  /** Gives one back, in a state in which the next can use it. */
  void give(T returned) {
    for (int i = 0; i < SLOTS; i++) {
      if (slots.getPlain(i) == null && slots.compareAndSet(i, null, returned)) {
        return;
      }
    }
  }
}

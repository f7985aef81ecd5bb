package io.mimir.pipeline.service.language;

import java.time.Duration;

/**
 * What one evaluation may make and how long it may take. CEL always ends, but not soon, and not
 * within any memory: whoever writes an expression writes its size too.
 */
final class CelBudget {

  /** Items that all loops of an expression go over together. */
  static final int MAX_ITERATIONS = 100_000;

  /** Elements of all lists and members of all maps that an expression makes. */
  static final int MAX_ELEMENTS = 1_000_000;

  /** Characters of all texts that an expression makes. */
  static final int MAX_CHARS = 32 * 1024 * 1024;

  /** What a well-meant expression takes is a thousandth of it. */
  static final Duration MAX_TIME = Duration.ofSeconds(5);

  /** Looking at the clock costs more than most of what happens in between. */
  private static final int TICKS_PER_LOOK = 256;

  /** The library hands nothing of ours to its functions, but it stays on the thread. */
  private static final ThreadLocal<CelBudget> CURRENT = new ThreadLocal<>();

  private final long end = System.nanoTime() + MAX_TIME.toNanos();
  private long elements = MAX_ELEMENTS;
  private long chars = MAX_CHARS;
  private int ticks;
  private CelFault over;

  static CelBudget begin() {
    CelBudget budget = new CelBudget();
    CURRENT.set(budget);
    return budget;
  }

  static void end() {
    CURRENT.remove();
  }

  /** The budget of the evaluation that this thread is in. */
  static CelBudget current() {
    CelBudget budget = CURRENT.get();
    return budget == null ? new CelBudget() : budget;
  }

  /** Notes that something small was done. */
  void tick() {
    // An error on one side of || is forgotten when the other side is true; this one must not be.
    if (over != null) {
      throw over;
    }
    if (++ticks % TICKS_PER_LOOK == 0) {
      look();
    }
  }

  private void look() {
    if (System.nanoTime() - end >= 0) {
      throw fail("The expression took longer than 5 seconds.");
    }
  }

  void elements(long count) {
    tick();
    elements -= count;
    if (elements < 0) {
      throw fail("The expression makes lists and maps of more than 1,000,000 elements in all.");
    }
  }

  void chars(long count) {
    tick();
    chars -= count;
    if (chars < 0) {
      throw fail("The expression makes texts of more than 32 Mi characters in all.");
    }
  }

  private CelFault fail(String sentence) {
    over = new CelFault("too_much_work", sentence + " Let it do less, or do it in several steps.");
    return over;
  }

  /** Throws once more what was thrown before, if anything was. */
  void settle() {
    if (over != null) {
      throw over;
    }
  }
}

package io.mimir.error;

/** Faults of ours, as they may be logged. */
public final class Faults {

  private Faults() {}

  /** Tells what it was and where it happened, without a message that might hold what was sent. */
  public static Throwable nameless(Throwable fault) {
    IllegalStateException where = new IllegalStateException(fault.getClass().getName());
    where.setStackTrace(fault.getStackTrace());
    return where;
  }
}

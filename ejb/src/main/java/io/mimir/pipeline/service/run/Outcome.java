package io.mimir.pipeline.service.run;

/**
 * How the work of a process on a run ended.
 *
 * @param until when the run goes on, in milliseconds since 1970; {@link Long#MAX_VALUE} when
 *     something has to come from outside first; 0 unless it rests
 */
public record Outcome(Kind kind, long until) {

  /** The ways. */
  public enum Kind {
    ENDED,
    RESTS,
    /** The server stops: the run goes on at its next start. */
    STOPPED,
    /** Another process works on it, or it is gone. */
    LOST
  }

  static final Outcome ENDED = new Outcome(Kind.ENDED, 0);
  static final Outcome STOPPED = new Outcome(Kind.STOPPED, 0);
  static final Outcome LOST = new Outcome(Kind.LOST, 0);

  static Outcome rests(long until) {
    return new Outcome(Kind.RESTS, until);
  }
}

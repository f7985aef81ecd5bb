package io.mimir.pipeline.service.run;

/** Steps cannot go on before a time comes or a person answers. */
final class RestException extends Exception {

  private static final long serialVersionUID = 1L;

  private final long until;
  private final boolean inDoubt;

  /**
   * @param until milliseconds since 1970; {@link Long#MAX_VALUE} when only a person helps
   */
  RestException(long until, boolean inDoubt) {
    super("The run rests", null, false, false);
    this.until = until;
    this.inDoubt = inDoubt;
  }

  /** Two parts of a run that both rest: the run goes on when the first of them can. */
  static RestException both(RestException one, RestException other) {
    if (one == null) {
      return other;
    }
    return other == null
        ? one
        : new RestException(Math.min(one.until, other.until), one.inDoubt || other.inDoubt);
  }

  long until() {
    return until;
  }

  boolean isInDoubt() {
    return inDoubt;
  }
}

package io.mimir.pipeline.service.run;

/** The work on a run was ended from outside. */
final class RunEndedException extends Exception {

  private static final long serialVersionUID = 1L;

  RunEndedException() {
    super("The work on the run ends", null, false, false);
  }
}

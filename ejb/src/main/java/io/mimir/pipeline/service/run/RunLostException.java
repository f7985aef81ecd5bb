package io.mimir.pipeline.service.run;

/** The run has ended, is gone, or another process works on it. */
public final class RunLostException extends Exception {

  private static final long serialVersionUID = 1L;

  RunLostException() {
    super("The run is not this process's any more", null, false, false);
  }
}

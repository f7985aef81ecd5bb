package io.mimir.pipeline.service.run;

/** The database did not take what was to be appended to a journal. */
public final class JournalException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  JournalException(Throwable cause) {
    super("The journal cannot be written", cause);
  }
}

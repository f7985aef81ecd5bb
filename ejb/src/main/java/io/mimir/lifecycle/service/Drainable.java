package io.mimir.lifecycle.service;

import io.mimir.error.ProblemException;

/** Work that a stop of the server waits for. Every CDI bean that implements this is asked. */
public interface Drainable {

  /** Returns how much of it is under way. */
  int running();

  /**
   * Ends what is under way, since its time is over: whoever waits for it is told why.
   *
   * @param why DRAINING
   */
  void end(ProblemException why);
}

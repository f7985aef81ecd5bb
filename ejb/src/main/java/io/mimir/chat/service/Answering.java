package io.mimir.chat.service;

import java.util.concurrent.CompletionStage;

/** A question that is being answered. */
public interface Answering {

  /**
   * The answer, once it is stored. Fails with a {@link io.mimir.error.ProblemException}, or with a
   * {@link java.util.concurrent.CancellationException} when it was cancelled before anything was
   * said. What depends on it runs on a thread that may block.
   */
  CompletionStage<Answer> answer();

  /**
   * Ends the call to the provider at once. What was said so far is kept, and is the answer then.
   * Does nothing when all was said.
   */
  void cancel();
}

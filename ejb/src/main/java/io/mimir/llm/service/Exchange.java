package io.mimir.llm.service;

import io.mimir.llm.LlmException;
import io.mimir.llm.Reply;
import java.util.concurrent.CompletableFuture;

/** A question that is on its way. */
public interface Exchange {

  /** The answer; fails with an {@link LlmException} and nothing else. */
  CompletableFuture<Reply> reply();

  /** Ends the call to the provider at once. */
  void cancel();
}

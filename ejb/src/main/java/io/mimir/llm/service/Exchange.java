package io.mimir.llm.service;

import io.mimir.llm.Reply;
import java.util.concurrent.CompletableFuture;

/** A call on its way; a placeholder until the network clients are merged. */
public interface Exchange {
  CompletableFuture<Reply> reply();

  void cancel();
}

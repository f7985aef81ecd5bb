package io.mimir.llm.service;

import io.mimir.llm.LlmException;
import java.io.IOException;

/** Carries a failure through the REST client, which lets I/O exceptions pass. */
final class CallFailed extends IOException {

  private static final long serialVersionUID = 1L;

  private final LlmException failure;

  CallFailed(LlmException failure) {
    super(failure.getMessage());
    this.failure = failure;
  }

  LlmException failure() {
    return failure;
  }
}

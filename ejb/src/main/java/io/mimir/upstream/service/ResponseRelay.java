package io.mimir.upstream.service;

import io.mimir.llm.LlmException;
import java.nio.ByteBuffer;

/**
 * The way of one answer from the provider to the target. Not thread-safe: the attempt guards it.
 */
abstract sealed class ResponseRelay
    permits ErrorRelay, WholeRelay, PassThroughRelay, TranslatedRelay {

  /**
   * Takes a piece of the body.
   *
   * @throws LlmException when it is no answer, or the answer breaks off
   */
  abstract void data(ByteBuffer piece) throws LlmException;

  /**
   * The body is complete.
   *
   * @return whether the answer came to its proper end; false where the provider has ended it with
   *     an error that the target has seen
   * @throws LlmException when it is no answer, or not a whole one
   */
  abstract boolean end() throws LlmException;

  /** Whether something may be said between two pieces of a stream. */
  boolean isBetweenEvents() {
    return false;
  }

  /** Whether the answer comes event by event. */
  boolean isStream() {
    return false;
  }

  /** How many events of a stream have come, comments aside. */
  long events() {
    return 0;
  }

  /** Whether the form of the answer has a word for a failure in its middle. */
  boolean canTellFailure() {
    return true;
  }

  /** Says what the caller's protocol has to say before the error that ends its stream. */
  void fail(CallFailure failure) {}
}

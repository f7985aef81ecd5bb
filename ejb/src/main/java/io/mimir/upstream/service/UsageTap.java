package io.mimir.upstream.service;

import io.mimir.llm.TokenUsage;
import io.mimir.usage.CallUsage;
import io.mimir.usage.TokenEstimate;

/** Counts the tokens of one attempt: as the provider tells them, else by estimate. */
final class UsageTap {

  private final TokenCounts counts = new TokenCounts();
  private final TokenEstimate estimate = new TokenEstimate();
  private boolean answered;

  /**
   * Reads a whole answer, or the data of one event.
   *
   * @return whether it is one JSON object
   */
  boolean readCounts(byte[] json, int from, int length) {
    return counts.read(json, from, length);
  }

  /** Takes in text of an answer, for an estimate. */
  void readText(byte[] json, int from, int length) {
    answered = true;
    estimate.read(json, from, length);
  }

  /** Takes the counts over that a translation has read. */
  void set(TokenUsage usage) {
    counts.set(usage.input(), usage.output());
  }

  /** The tokens of the question as the provider told them; -1 where it did not. */
  long input() {
    return counts.input();
  }

  /** The tokens of the answer as the provider told them; -1 where it did not. */
  long output() {
    return counts.output();
  }

  /** Whether one of the objects had a member {@code error}, whatever it says. */
  boolean hasError() {
    return counts.hasError();
  }

  boolean knowsOutput() {
    return counts.output() >= 0;
  }

  /**
   * Settles the tokens of a call.
   *
   * @param body what was asked
   * @param ended whether the answer came to its end
   */
  CallUsage settle(CallUsage call, byte[] body, boolean ended) {
    if (!answered && counts.input() < 0 && counts.output() < 0) {
      return call;
    }
    return estimate.settle(call, counts.input(), counts.output(), body, ended);
  }
}

package io.mimir.llm;

/**
 * The part of a call that a failure speaks of: it decides what suffers for it, and who is asked
 * next.
 */
public enum FailureOwner {
  /** What was asked: another key would refuse it too, and no key suffers. */
  QUESTION,
  /** The model at this key: its other models are not concerned. */
  MODEL,
  /** The key, or the account behind it: all of its models are concerned. */
  KEY,
  /** The server, or the way to it: another key may lead to another server. */
  ENDPOINT,
  /** The server took the question and said nothing: it may have been paid for already. */
  SILENCE
}

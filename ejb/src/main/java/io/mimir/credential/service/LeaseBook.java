package io.mimir.credential.service;

import io.mimir.llm.LlmException;

/** Takes down how leases went; the key ring's side of a lease. */
interface LeaseBook {

  /** The provider took the question. */
  void accepted(RoutableKey key, String model, boolean candidate);

  /**
   * The answer is complete, or has ended.
   *
   * @param tokens beyond what was estimated when the call began
   */
  void answered(RoutableKey key, long tokens);

  /**
   * @param question a fingerprint of what was asked
   */
  void failed(RoutableKey key, String model, boolean candidate, int question, LlmException failure);
}

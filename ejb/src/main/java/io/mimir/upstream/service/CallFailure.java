package io.mimir.upstream.service;

import static java.util.Objects.requireNonNull;

import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;

/**
 * The reason why a call has no answer, or no whole one.
 *
 * @param problem in our words
 * @param outcome what happened at the provider; null when none was asked
 * @param status the HTTP status of the provider; 0 when there was none
 * @param words what the provider found wrong with the question, for its author; null where it is
 *     not to be repeated
 * @param isFinal whether another try by the caller is of no use, or was made here
 */
public record CallFailure(
    ProblemException problem,
    CallOutcome outcome,
    int status,
    ProviderWords words,
    boolean isFinal) {

  public CallFailure {
    requireNonNull(problem);
  }

  /** Returns a failure before any provider was asked. */
  public static CallFailure of(ProblemException problem) {
    return new CallFailure(problem, null, 0, null, false);
  }

  CallFailure asFinal(boolean now) {
    return new CallFailure(problem, outcome, status, words, now);
  }
}

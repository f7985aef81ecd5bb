package io.mimir.llm;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;

/**
 * A call to a provider failed. Neither the message nor a cause holds anything of what the other
 * side sent: providers echo keys in their errors (T08).
 */
public class LlmException extends Exception {

  private static final long serialVersionUID = 1L;

  private final CallOutcome reason;
  private final int status;
  private final Duration retryAfter;

  /**
   * @param status the HTTP status of the provider, or 0 when there was none
   * @param retryAfter what the provider asked for, or null
   */
  public LlmException(CallOutcome reason, int status, String message, Duration retryAfter) {
    super(requireNonNull(message));
    this.reason = requireNonNull(reason);
    this.status = status;
    this.retryAfter = retryAfter;
  }

  public LlmException(CallOutcome reason, String message) {
    this(reason, 0, message, null);
  }

  public CallOutcome reason() {
    return reason;
  }

  public int status() {
    return status;
  }

  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}

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
  private final FailureOwner owner;
  private final int status;
  private final Duration retryAfter;

  /**
   * @param owner what the failure speaks of
   * @param status the HTTP status of the provider, or 0 when there was none
   * @param retryAfter what the provider asked for, or null
   */
  public LlmException(
      CallOutcome reason, FailureOwner owner, int status, String message, Duration retryAfter) {
    super(requireNonNull(message));
    this.reason = requireNonNull(reason);
    this.owner = requireNonNull(owner);
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** The same, speaking of what such a failure usually speaks of. */
  public LlmException(CallOutcome reason, int status, String message, Duration retryAfter) {
    this(reason, usualOwner(reason, status), status, message, retryAfter);
  }

  public LlmException(CallOutcome reason, String message) {
    this(reason, 0, message, null);
  }

  private static FailureOwner usualOwner(CallOutcome reason, int status) {
    return switch (reason) {
      case AUTH_FAILED, FORBIDDEN, QUOTA_EXCEEDED -> FailureOwner.KEY;
      case NOT_FOUND, RATE_LIMITED -> FailureOwner.MODEL;
      case TIMEOUT -> FailureOwner.SILENCE;
      default ->
          status >= 400 && status < 500 && status != 408
              ? FailureOwner.QUESTION
              : FailureOwner.ENDPOINT;
    };
  }

  public CallOutcome reason() {
    return reason;
  }

  public FailureOwner owner() {
    return owner;
  }

  public int status() {
    return status;
  }

  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}

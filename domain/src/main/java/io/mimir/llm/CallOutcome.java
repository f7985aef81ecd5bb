package io.mimir.llm;

import java.util.Locale;

/**
 * How a call to a provider ended. A fixed set, so that nothing of the other side's text is passed
 * on.
 */
public enum CallOutcome {
  OK,
  AUTH_FAILED,
  FORBIDDEN,
  NOT_FOUND,
  RATE_LIMITED,
  QUOTA_EXCEEDED,
  UNREACHABLE,
  TIMEOUT,
  TLS_ERROR,
  NOT_LLM_API,
  BLOCKED,
  UPSTREAM_REDIRECT,
  UPSTREAM_ERROR,
  PROXY_REFUSED,
  /** A test found nothing wrong, and no address that tells a right key from a wrong one. */
  CANNOT_TELL;

  /** The word on the wire, in snake_case. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}

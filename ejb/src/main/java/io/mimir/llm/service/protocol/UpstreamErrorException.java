package io.mimir.llm.service.protocol;

import java.io.IOException;

/**
 * The provider ended its answer with an error of its own. Nothing of what it sent is in here but
 * the kind of the error.
 */
public final class UpstreamErrorException extends IOException {

  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param status the HTTP status that the kind of the error stands for; 0 where it is not known
   */
  UpstreamErrorException(int status) {
    super("The provider broke off its answer with an error");
    this.status = status;
  }

  /**
   * Returns the HTTP status that a provider's word for an error stands for.
   *
   * @param kind such as {@code rate_limit_error} or {@code overloaded_error}
   * @return 0 for a word that is not known
   */
  public static int statusOf(String kind) {
    if (kind.contains("rate_limit")) {
      return 429;
    }
    if (kind.contains("overloaded")) {
      return 529;
    }
    if (kind.contains("authentication") || kind.contains("invalid_api_key")) {
      return 401;
    }
    if (kind.contains("permission")) {
      return 403;
    }
    if (kind.contains("insufficient_quota") || kind.contains("billing")) {
      return 402;
    }
    if (kind.contains("invalid_request")) {
      return 400;
    }
    return kind.contains("server_error") || kind.contains("api_error") ? 500 : 0;
  }

  /** The HTTP status that the kind of the error stands for, such as 429; 0 for an unknown kind. */
  public int status() {
    return status;
  }
}

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

  /** The HTTP status that the kind of the error stands for, such as 429; 0 for an unknown kind. */
  public int status() {
    return status;
  }
}

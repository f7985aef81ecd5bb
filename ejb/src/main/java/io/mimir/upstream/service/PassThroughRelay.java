package io.mimir.upstream.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import java.nio.ByteBuffer;

/** Passes a stream on as it comes, and looks at it on the way. */
final class PassThroughRelay extends ResponseRelay {

  private final UpstreamAttempt attempt;
  private final StreamTap tap;
  private final String type;

  /**
   * @param type the media type of the stream
   */
  PassThroughRelay(UpstreamAttempt attempt, StreamTap tap, String type) {
    this.attempt = attempt;
    this.tap = tap;
    this.type = type;
  }

  @Override
  void data(ByteBuffer piece) throws LlmException {
    write(tap.feed(piece));
  }

  private void write(ByteBuffer out) {
    if (out.hasRemaining()) {
      attempt.open(type);
      attempt.write(out);
    }
  }

  @Override
  boolean end() throws LlmException {
    write(tap.rest());
    if (!tap.isComplete() && !tap.isBroken()) {
      throw new LlmException(
          CallOutcome.UPSTREAM_ERROR, "The provider broke off before its answer was complete");
    }
    attempt.open(type);
    attempt.close();
    return !tap.isBroken();
  }

  @Override
  boolean isBetweenEvents() {
    return tap.isBetweenEvents();
  }

  @Override
  boolean isStream() {
    return true;
  }

  @Override
  long events() {
    return tap.events();
  }
}

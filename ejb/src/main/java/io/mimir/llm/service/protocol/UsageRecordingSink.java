package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import java.io.IOException;

/**
 * Passes an answer on, keeps its usage, begins it where the provider did not, and puts what the
 * provider wants back with the next turn into a handle. Some providers cut a character outside the
 * basic plane into two; its first half is held until the second comes, since neither can be written
 * alone.
 */
final class UsageRecordingSink implements ResponseSink {

  private enum Piece {
    TEXT,
    THOUGHT,
    ARGUMENTS
  }

  private final UpstreamOptions options;
  private ResponseSink next;
  private boolean started;
  private Piece last = Piece.TEXT;
  private String held = "";
  private TokenUsage usage = TokenUsage.UNKNOWN;

  /**
   * @param options with the model that was asked for, for a provider that does not name what
   *     answered
   */
  UsageRecordingSink(ResponseSink next, UpstreamOptions options) {
    this.next = next;
    this.options = options;
  }

  void passOnTo(ResponseSink other) {
    next = other;
  }

  TokenUsage usage() {
    return usage;
  }

  void startOnce() throws IOException {
    if (!started) {
      start("", "", -1);
    }
  }

  @Override
  public void start(String id, String named, long created) throws IOException {
    started = true;
    next.start(id, named.isEmpty() ? options.model() : named, created);
  }

  @Override
  public void text(String text) throws IOException {
    pass(Piece.TEXT, text);
  }

  @Override
  public void thought(String text) throws IOException {
    pass(Piece.THOUGHT, text);
  }

  @Override
  public void thoughtEnd(String seal) throws IOException {
    startOnce();
    turnTo(Piece.THOUGHT);
    ObjectNode blob = seal == null ? null : Json.objectIn(seal);
    next.thoughtEnd(blob == null ? null : ThoughtHandle.of(blob, options));
  }

  @Override
  public void call(String id, String name) throws IOException {
    startOnce();
    // Also from one call to the next.
    flush();
    last = Piece.ARGUMENTS;
    next.call(id, name);
  }

  @Override
  public void arguments(String fragment) throws IOException {
    pass(Piece.ARGUMENTS, fragment);
  }

  private void pass(Piece piece, String fragment) throws IOException {
    startOnce();
    turnTo(piece);
    String all = held + fragment;
    int end = all.length();
    if (end > 0 && Character.isHighSurrogate(all.charAt(end - 1))) {
      end--;
    }
    held = all.substring(end);
    say(all.substring(0, end));
  }

  /** What was said before has ended: half a character that was left of it is told as it is. */
  private void turnTo(Piece piece) throws IOException {
    if (piece != last) {
      flush();
    }
    last = piece;
  }

  private void flush() throws IOException {
    String half = held;
    held = "";
    say(half);
  }

  private void say(String piece) throws IOException {
    if (piece.isEmpty()) {
      return;
    }
    switch (last) {
      case TEXT -> next.text(piece);
      case THOUGHT -> next.thought(piece);
      case ARGUMENTS -> next.arguments(piece);
    }
  }

  @Override
  public void stop(StopReason reason, String sequence) throws IOException {
    next.stop(reason, sequence);
  }

  @Override
  public void usage(TokenUsage latest) throws IOException {
    usage = latest;
    next.usage(latest);
  }
}

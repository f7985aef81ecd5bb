package io.mimir.llm.service.protocol;

import java.io.IOException;

/**
 * Passes an answer on, keeps its usage, and begins it where the provider did not. Some providers
 * cut a character outside the basic plane into two; its first half is held until the second comes,
 * since neither can be written alone.
 */
final class UsageRecordingSink implements ResponseSink {

  private final String model;
  private ResponseSink next;
  private boolean started;
  private boolean calling;
  private String held = "";
  private TokenUsage usage = TokenUsage.UNSAID;

  /**
   * @param model what was asked for, for a provider that does not name what answered
   */
  UsageRecordingSink(ResponseSink next, String model) {
    this.next = next;
    this.model = model;
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
    next.start(id, named.isEmpty() ? model : named, created);
  }

  @Override
  public void text(String text) throws IOException {
    startOnce();
    turnTo(false);
    String ready = ready(text);
    if (!ready.isEmpty()) {
      next.text(ready);
    }
  }

  @Override
  public void call(String id, String name) throws IOException {
    startOnce();
    turnTo(true);
    next.call(id, name);
  }

  @Override
  public void arguments(String fragment) throws IOException {
    String ready = ready(fragment);
    if (!ready.isEmpty()) {
      next.arguments(ready);
    }
  }

  private String ready(String fragment) {
    String all = held + fragment;
    int end = all.length();
    if (end > 0 && Character.isHighSurrogate(all.charAt(end - 1))) {
      end--;
    }
    held = all.substring(end);
    return all.substring(0, end);
  }

  /** What was said before has ended: half a character that was left of it is told as it is. */
  private void turnTo(boolean call) throws IOException {
    if (!held.isEmpty() && (call || calling)) {
      String half = held;
      held = "";
      if (calling) {
        next.arguments(half);
      } else {
        next.text(half);
      }
    }
    calling = call;
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

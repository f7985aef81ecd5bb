package io.mimir.gateway.service.translation;

import java.io.IOException;

/** Passes an answer on, keeps its usage, and begins it where the provider did not. */
final class Watched implements AnswerSink {

  private final String model;
  private AnswerSink next;
  private boolean started;
  private Usage usage = Usage.UNSAID;

  /**
   * @param model what was asked for, for a provider that does not name what answered
   */
  Watched(AnswerSink next, String model) {
    this.next = next;
    this.model = model;
  }

  void passOnTo(AnswerSink other) {
    next = other;
  }

  Usage usage() {
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
    next.text(text);
  }

  @Override
  public void call(String id, String name) throws IOException {
    startOnce();
    next.call(id, name);
  }

  @Override
  public void arguments(String fragment) throws IOException {
    next.arguments(fragment);
  }

  @Override
  public void stop(StopReason reason, String sequence) throws IOException {
    next.stop(reason, sequence);
  }

  @Override
  public void usage(Usage latest) throws IOException {
    usage = latest;
    next.usage(latest);
  }
}

package io.mimir.llm.service.protocol;

import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import java.io.IOException;

/** Passes everything on; what extends it changes some of it. */
abstract class ForwardingSink implements ResponseSink {

  private final ResponseSink next;

  ForwardingSink(ResponseSink next) {
    this.next = next;
  }

  @Override
  public void start(String id, String model, long created) throws IOException {
    next.start(id, model, created);
  }

  @Override
  public void text(String text) throws IOException {
    next.text(text);
  }

  @Override
  public void thought(String text) throws IOException {
    next.thought(text);
  }

  @Override
  public void thoughtEnd(String seal) throws IOException {
    next.thoughtEnd(seal);
  }

  @Override
  public void call(String id, String name) throws IOException {
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
  public void usage(TokenUsage usage) throws IOException {
    next.usage(usage);
  }
}

package io.mimir.chat.service;

import io.mimir.llm.Endpoint;
import io.mimir.llm.Prompt;
import io.mimir.llm.Reply;
import io.mimir.llm.service.Exchange;
import io.mimir.llm.service.LlmClients;
import io.mimir.security.Secret;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A provider that says what the test tells it to. */
class ClientsDouble extends LlmClients {

  Prompt prompt;
  boolean secretWasOpen;
  boolean streamed;
  boolean cancelled;
  private Consumer<String> listener;
  private CompletableFuture<Reply> reply;

  @Override
  public Exchange ask(
      Endpoint endpoint,
      Secret key,
      Prompt asked,
      Duration timeout,
      boolean wantsStream,
      Consumer<String> onText) {
    prompt = asked;
    secretWasOpen = !key.isEmpty() && key.isHeaderSafe();
    streamed = wantsStream;
    listener = onText;
    CompletableFuture<Reply> mine = new CompletableFuture<>();
    reply = mine;
    return new Exchange() {
      @Override
      public CompletableFuture<Reply> reply() {
        return mine;
      }

      @Override
      public void cancel() {
        cancelled = true;
      }
    };
  }

  void text(String piece) {
    listener.accept(piece);
  }

  void reply(String text, String model, Reply.Usage usage) {
    reply.complete(new Reply(text, model, usage));
  }

  void fail(Throwable failure) {
    reply.completeExceptionally(failure);
  }
}

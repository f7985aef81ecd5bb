package io.mimir.chat.service;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.ProblemException;
import io.mimir.llm.Prompt;
import io.mimir.llm.Reply;
import io.mimir.security.service.Identity;
import io.mimir.upstream.service.ModelSource;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A question to a model that no key is chosen for, such as a pipeline. */
final class SourcedCall implements Asked, ModelSource.Listener {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String model;
  private final Consumer<String> onText;
  private final CompletableFuture<Reply> reply = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();
  private Runnable cancel;

  private SourcedCall(String model, Consumer<String> onText) {
    this.model = model;
    this.onText = onText;
  }

  /**
   * Asks. Returns at once.
   *
   * @throws ProblemException what keeps the call from beginning
   */
  static SourcedCall begin(
      ModelSource source,
      Prompt prompt,
      boolean streamed,
      Identity caller,
      Consumer<String> onText) {
    SourcedCall call = new SourcedCall(prompt.model(), onText);
    call.cancel =
        source.ask(new ModelSource.Question(prompt.model(), chat(prompt), streamed, caller), call);
    return call;
  }

  private static ObjectNode chat(Prompt prompt) {
    ObjectNode chat = JSON.createObjectNode().put("model", prompt.model());
    var messages = chat.putArray("messages");
    if (prompt.system() != null) {
      messages.addObject().put("role", "system").put("content", prompt.system());
    }
    for (Prompt.Turn turn : prompt.turns()) {
      messages
          .addObject()
          .put("role", turn.speaker().name().toLowerCase(Locale.ROOT))
          .put("content", turn.text());
    }
    return chat;
  }

  @Override
  public void said(String piece) {
    synchronized (this) {
      text.append(piece);
    }
    onText.accept(piece);
  }

  @Override
  public void ended(String rest, long inputTokens, long outputTokens) {
    if (!rest.isEmpty()) {
      said(rest);
    }
    String whole;
    synchronized (this) {
      whole = text.toString();
    }
    reply.complete(new Reply(whole, model, new Reply.Usage(inputTokens, outputTokens)));
  }

  @Override
  public void failed(ProblemException why) {
    reply.completeExceptionally(why);
  }

  @Override
  public CompletionStage<Reply> reply() {
    return reply;
  }

  @Override
  public Source source() {
    return new Source(null, null, model);
  }

  @Override
  public void cancel() {
    cancel.run();
  }
}

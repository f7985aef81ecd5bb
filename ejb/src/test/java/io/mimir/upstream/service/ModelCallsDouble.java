package io.mimir.upstream.service;

import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.llm.Reply;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import java.util.function.Consumer;

/** A model that says what the test tells it to. */
public final class ModelCallsDouble extends ModelCalls implements ResponseTarget.CallControl {

  public Question question;
  public boolean cancelled;
  public ProblemException refusal;
  private ModelCall call;

  @Override
  public ModelCall ask(Question asked, Consumer<String> onText) {
    if (refusal != null) {
      throw refusal;
    }
    question = asked;
    call = new ModelCall(asked, onText);
    Provider provider = asked.model().provider();
    call.source =
        new ModelCall.Source(
            provider == null ? Provider.OLLAMA : provider, "local", asked.model().name());
    call.follow(this);
    return call;
  }

  public void text(String piece) {
    call.text(piece);
  }

  public void reply(String text, String model, Reply.Usage usage) {
    call.started(model);
    call.text(text);
    call.ended(
        StopReason.END,
        usage.inputTokens() == null
            ? TokenUsage.UNKNOWN
            : new TokenUsage(usage.inputTokens(), usage.outputTokens(), -1, -1, -1));
    call.close();
  }

  public void fail(ProblemException problem) {
    call.fail(CallFailure.of(problem));
  }

  public void failWith(Throwable unexpected) {
    call.reply().completeExceptionally(unexpected);
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public void pause() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void resume() {
    throw new UnsupportedOperationException();
  }
}

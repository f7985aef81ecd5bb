package io.mimir.chat.service;

import io.mimir.llm.Provider;
import io.mimir.llm.Reply;
import io.mimir.upstream.service.ModelCall;
import java.util.concurrent.CompletionStage;

/** A question on its way, whoever answers it. */
interface Asked {

  /**
   * Where the answer comes from.
   *
   * @param provider null where none has a part in it
   * @param keyName null where no key was chosen
   * @param model as it was asked for, by the provider's own id
   */
  record Source(Provider provider, String keyName, String model) {}

  /** The answer; fails with a {@link io.mimir.error.ProblemException} and nothing else. */
  CompletionStage<Reply> reply();

  /** What was asked last; known once the call has begun. */
  Source source();

  /** Ends it at once. */
  void cancel();

  /** A question to a model of a provider. */
  static Asked of(ModelCall call) {
    return new Asked() {
      @Override
      public CompletionStage<Reply> reply() {
        return call.reply();
      }

      @Override
      public Source source() {
        ModelCall.Source from = call.source();
        return new Source(from.provider(), from.keyName(), from.model());
      }

      @Override
      public void cancel() {
        call.cancel();
      }
    };
  }
}

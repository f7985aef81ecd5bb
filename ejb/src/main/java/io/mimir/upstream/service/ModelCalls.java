package io.mimir.upstream.service;

import io.mimir.credential.ModelRef;
import io.mimir.error.ProblemException;
import io.mimir.llm.Prompt;
import io.mimir.llm.Provider;
import io.mimir.usage.CallSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Calls of models from within the server: the chat page, plugins, pipelines. */
@ApplicationScoped
public class ModelCalls {

  @Inject UpstreamCalls calls;

  /**
   * What is asked of a model.
   *
   * @param model as the catalogue of models resolved it
   * @param prompt its model and its limit of tokens do not count: they are the key's where the
   *     prompt does not say
   * @param source on whose behalf
   * @param conversation a hash that all calls of a conversation share, or 0 for none
   * @param providers whose keys may be used
   * @param patience the longest silence; null for the key's own
   * @param streamed whether the answer is wanted piece by piece
   */
  public record Question(
      ModelRef model,
      Prompt prompt,
      CallSource source,
      long conversation,
      Predicate<Provider> providers,
      Duration patience,
      boolean streamed) {

    @Override
    public String toString() {
      return "Question[" + model + "]";
    }
  }

  /**
   * Asks a model. Returns at once.
   *
   * @param onText takes the text of a streamed answer piece by piece, on a thread of the client: it
   *     may not block
   * @throws ProblemException MODEL_NOT_FOUND, RATE_LIMITED or NO_USABLE_KEY when it cannot begin
   */
  public ModelCall ask(Question question, Consumer<String> onText) {
    ModelCall call = new ModelCall(question, onText);
    calls.begin(
        new CallSpec(
            question.model(),
            question.source(),
            textOf(question.prompt()),
            question.conversation(),
            question.providers(),
            null,
            true,
            question.streamed(),
            true,
            question.patience(),
            false),
        call,
        call);
    return call;
  }

  /** The prompt as something that tokens are estimated of, and that questions are told apart by. */
  private static byte[] textOf(Prompt prompt) {
    StringBuilder text = new StringBuilder("{");
    if (prompt.system() != null) {
      text.append(prompt.system());
    }
    for (Prompt.Turn turn : prompt.turns()) {
      text.append('\n').append(turn.text());
      turn.calls().forEach(call -> text.append(call.arguments()));
    }
    prompt.tools().forEach(tool -> text.append(tool.schema()));
    return text.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }
}

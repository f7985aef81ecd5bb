package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.Prompt;
import io.mimir.llm.ToolCall;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Asks models for runs. */
public interface ModelAsks {

  /**
   * A question.
   *
   * @param model {@code model} or {@code provider/model}
   * @param system null for none
   * @param turns what was said so far, the last of it not the model's
   * @param tools that the model may call; empty for none
   * @param answer JSON Schema of the answer; null for text
   * @param maxTokens null for the key's own
   * @param patience how long the answer may take
   * @param onText gets the answer piece by piece; null when nobody listens
   */
  record Question(
      RunFacts run,
      String model,
      String system,
      List<Prompt.Turn> turns,
      List<Prompt.Tool> tools,
      ObjectNode answer,
      Integer maxTokens,
      Duration patience,
      Consumer<String> onText) {}

  /**
   * What the model said.
   *
   * @param model that answered, as its provider names it
   * @param provider the word of the provider
   */
  record Answer(
      String text,
      List<ToolCall> calls,
      String model,
      String provider,
      long inputTokens,
      long outputTokens) {}

  /** Asks, and waits for the answer. Ends early when the work on the run ends. */
  Answer ask(Question question, RunControl control) throws StepFailure;
}

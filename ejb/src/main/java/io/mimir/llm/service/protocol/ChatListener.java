package io.mimir.llm.service.protocol;

import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import java.io.IOException;

/**
 * Takes the answer to a call that is made within this server, piece by piece and in order: {@link
 * #started}, any number of pieces, {@link #ended}. A whole answer comes in the same way.
 */
public interface ChatListener {

  /**
   * Comes first, once.
   *
   * @param model what answers, as the provider names it, else what was asked for
   */
  default void started(String model) throws IOException {}

  /** A piece of what the model says; never empty. */
  void text(String piece) throws IOException;

  /** A piece of what the model thinks before it speaks; never empty. */
  default void thinking(String piece) throws IOException {}

  /**
   * A complete call of a tool.
   *
   * @param arguments the text of a JSON object
   */
  default void toolCall(String id, String name, String arguments) throws IOException {}

  /** Comes last, once, and only where the answer has come to its proper end. */
  default void ended(StopReason reason, TokenUsage usage) throws IOException {}
}

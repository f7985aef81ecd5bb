package io.mimir.llm.service.protocol;

import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import java.io.IOException;

/** Takes an answer piece by piece, in no protocol's words, in the order in which it was made. */
interface ResponseSink {

  /** Comes first, once. Any of the three may be null, zero or empty when it was not told. */
  void start(String id, String model, long created) throws IOException;

  void text(String text) throws IOException;

  /** A piece of what the model thinks; a protocol without a word for thoughts leaves it out. */
  default void thought(String text) throws IOException {}

  /**
   * Ends a thought.
   *
   * @param seal what the provider wants to have back with the next turn, in its own words: a JSON
   *     object from a reader, a handle for a writer
   */
  default void thoughtEnd(String seal) throws IOException {}

  /** A call of a tool begins; what was open before has ended. */
  void call(String id, String name) throws IOException;

  /** A fragment of the arguments of the call that began last. */
  void arguments(String fragment) throws IOException;

  /**
   * @param sequence the stop sequence that was met, null where it is not told
   */
  void stop(StopReason reason, String sequence) throws IOException;

  /** May come several times; the last one holds. */
  void usage(TokenUsage usage) throws IOException;
}

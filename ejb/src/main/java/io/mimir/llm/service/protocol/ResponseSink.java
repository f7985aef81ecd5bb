package io.mimir.llm.service.protocol;

import java.io.IOException;

/** Takes an answer piece by piece, in no protocol's words, in the order in which it was made. */
interface ResponseSink {

  /** Comes first, once. Any of the three may be null, zero or empty when it was not told. */
  void start(String id, String model, long created) throws IOException;

  void text(String text) throws IOException;

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

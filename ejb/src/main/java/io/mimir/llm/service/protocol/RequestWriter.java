package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.ProblemException;

/** Says a request in a provider's protocol. */
interface RequestWriter {

  /**
   * @throws ProblemException REFUSED, naming the client's field that the protocol cannot say
   */
  ObjectNode write(ChatRequest request, UpstreamOptions options);

  /** A sink that is told the client's names where the provider was told others. */
  default ResponseSink restoring(ResponseSink sink) {
    return sink;
  }

  /** Whether something was said that not every server of the protocol knows. */
  default boolean isOptional() {
    return false;
  }

  /** Whether the provider was only told to answer with JSON, so that this has to be looked at. */
  default boolean promisesJson() {
    return false;
  }
}

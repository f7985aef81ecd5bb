package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.ProblemException;

/** Asks a question in a provider's protocol. */
interface RequestWriter {

  /**
   * @throws ProblemException REFUSED, naming the client's field that the protocol cannot say
   */
  ObjectNode write(ChatRequest request, UpstreamOptions wanted);
}

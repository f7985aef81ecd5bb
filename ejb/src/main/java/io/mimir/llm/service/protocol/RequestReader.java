package io.mimir.llm.service.protocol;

import io.mimir.error.ProblemException;

/** Reads what a client asks in its protocol. */
interface RequestReader {

  /**
   * @throws ProblemException INVALID when the body is not what the client's protocol says, REFUSED
   *     when it holds what no other protocol can say
   */
  ChatRequest read(Fields body);
}

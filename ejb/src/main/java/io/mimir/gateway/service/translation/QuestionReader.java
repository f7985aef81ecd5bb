package io.mimir.gateway.service.translation;

import io.mimir.error.ProblemException;

/** Reads what a client asks in its protocol. */
interface QuestionReader {

  /**
   * @throws ProblemException INVALID when the body is not what the client's protocol says, REFUSED
   *     when it holds what no other protocol can say
   */
  Question read(Fields body);
}

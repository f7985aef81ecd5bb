package io.mimir.gateway.service.translation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.ProblemException;

/** Asks a question in a provider's protocol. */
interface QuestionWriter {

  /**
   * @throws ProblemException REFUSED, naming the client's field that the protocol cannot say
   */
  ObjectNode write(Question question, Wanted wanted);
}

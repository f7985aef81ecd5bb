package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * Reads what a provider answers in its protocol. It is tolerant: what it does not know is left out.
 * Its errors hold nothing of what the provider sent.
 */
abstract class ResponseReader {

  /** The whole answer, up to and with its usage and the reason of its end. */
  abstract void whole(ObjectNode body, ResponseSink sink) throws IOException;

  /** One event of a stream. */
  abstract void event(String name, String data, ResponseSink sink) throws IOException;

  /** Whether the stream has said why it ends. */
  abstract boolean isComplete();

  /** Whether the stream has said that nothing follows any more. */
  abstract boolean isOver();

  static IOException broken() {
    return new IOException("The provider broke off its answer with an error");
  }

  static IOException foreign() {
    return new IOException("The provider did not answer as its protocol says");
  }

  static ObjectNode object(String data) throws IOException {
    ObjectNode object = Json.objectIn(data);
    if (object == null) {
      throw foreign();
    }
    return object;
  }
}

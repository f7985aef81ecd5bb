package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
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

  /**
   * The provider's own error, of which only its kind is kept.
   *
   * @param error what stands under {@code error} in its answer
   */
  static IOException broken(JsonNode error) {
    JsonNode code = error.path("code");
    if (code.isIntegralNumber() && code.asInt() >= 400 && code.asInt() < 600) {
      return new UpstreamErrorException(code.asInt());
    }
    String kind = error.path("type").asText("") + " " + code.asText("");
    return new UpstreamErrorException(UpstreamErrorException.statusOf(kind));
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

package io.mimir.llm.service.protocol;

import io.mimir.error.ProblemException;
import java.io.IOException;

/**
 * One exchange between a client and a provider that speak different protocols. What the other
 * protocol cannot say is refused by its name, and never dropped; the package's description has the
 * tables. Not thread-safe; made for one call. The question comes first, then either its whole
 * answer or the events of a stream.
 */
public interface Translation {

  /**
   * @throws ProblemException REFUSED where no translation exists, saying so and what to do
   */
  static Translation between(WireProtocol client, WireProtocol upstream) {
    return Translations.between(new ProtocolPair(client, upstream));
  }

  /**
   * The body for the provider.
   *
   * @param body the client's, one JSON object in UTF-8
   * @throws ProblemException REFUSED when the provider's protocol cannot say a field, INVALID when
   *     a field is not what the client's own protocol says; both name it
   */
  byte[] request(byte[] body, UpstreamOptions wanted);

  /** Whether the client asked for a stream; known once the request was read. */
  boolean isStreamed();

  /**
   * A whole answer that the provider gave with success, in the client's protocol.
   *
   * @throws IOException when it is not what the provider's protocol says; without a word of it
   */
  byte[] answer(byte[] upstreamBody) throws IOException;

  /**
   * One event of the provider's stream.
   *
   * @param event its name, null where it has none
   * @param data its data, {@code [DONE]} as well
   * @return what the client is to be sent now; may be empty
   * @throws IOException when the provider breaks off with an error, or does not keep to its
   *     protocol; without a word of what it sent
   */
  byte[] event(String event, String data) throws IOException;

  /** Whether the provider's stream has come to its proper end. */
  boolean isComplete();

  /**
   * What closes the client's stream once the provider's has ended; empty when it was said before.
   *
   * @throws IOException when the provider's stream ended too early
   */
  byte[] end() throws IOException;

  /** All tokens that went in, cached ones too, as the provider counted; -1 when it did not say. */
  long inputTokens();

  /** The tokens that came out as the provider counted them; -1 when it did not say. */
  long outputTokens();

  /** The media type of the client's stream. */
  String streamType();
}

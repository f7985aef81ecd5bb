package io.mimir.llm.service.protocol;

import io.mimir.error.ProblemException;
import io.mimir.llm.TokenUsage;
import io.mimir.llm.WireProtocol;
import java.io.IOException;
import java.util.List;

/**
 * One exchange between a client and a provider that speak different protocols, or between this
 * server itself and a provider. What a field means is carried, or refused by its name; hints that
 * the provider's protocol has no word for are left out and named. Not thread-safe; made for one
 * call. The request comes first, then either its whole answer or the events of a stream.
 */
public interface Translation {

  /**
   * @throws ProblemException REFUSED where no translation exists, saying so and what to do
   */
  static Translation between(WireProtocol client, WireProtocol upstream) {
    return Translations.between(new ProtocolPair(client, upstream));
  }

  /**
   * The same for a client that may refer to parts of answers that its account has got before.
   *
   * @param account the id of the caller's account
   */
  static Translation between(WireProtocol client, WireProtocol upstream, String account) {
    return Translations.between(new ProtocolPair(client, upstream, account));
  }

  /**
   * A call that is made within this server: the body that {@link #request} is given is not looked
   * at and may be null, and nothing is returned for the client, since the listener is told.
   *
   * @param upstream {@code OPENAI_CHAT}, {@code ANTHROPIC_MESSAGES} or {@code OLLAMA_CHAT}
   */
  static Translation inProcess(ChatRequest request, WireProtocol upstream, ChatListener listener) {
    return Translations.inProcess(request, new ProtocolPair(null, upstream), listener);
  }

  /**
   * The body for the provider.
   *
   * @param body the client's, one JSON object in UTF-8
   * @throws ProblemException REFUSED when the provider's protocol cannot say what a field means, or
   *     in strict mode a hint; INVALID when a field is not what the client's own protocol says; all
   *     name it
   */
  byte[] request(byte[] body, UpstreamOptions options);

  /**
   * What the request has lost on its way, known once it was made: at most 20 names of {@code
   * [A-Za-z0-9_.-]}, some with {@code =} and what was said instead.
   */
  List<String> leftOut();

  /**
   * Whether the request says something that not every server or model of the provider's protocol
   * knows, the wish for token counts aside. Where it was refused with 400, a second try with {@link
   * UpstreamOptions#plain} may be taken.
   */
  boolean isOptional();

  /** Whether the client asked for a stream; known once the request was read. */
  boolean isStreamed();

  /**
   * A whole answer that the provider gave with success, in the client's protocol.
   *
   * @throws UpstreamErrorException when it is an error of the provider's
   * @throws IOException when it is not what the provider's protocol says; without a word of it
   */
  byte[] answer(byte[] upstreamBody) throws IOException;

  /**
   * One event of the provider's stream.
   *
   * @param event its name, null where it has none
   * @param data its data, {@code [DONE]} as well; one line of a protocol that has lines
   * @return what the client is to be sent now; may be empty
   * @throws UpstreamErrorException when the provider breaks off with an error
   * @throws IOException when the provider does not keep to its protocol; without a word of what it
   *     sent
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

  /**
   * What a stream that has begun and breaks off is sent before the error itself, in the client's
   * protocol; empty where the error says it all.
   *
   * @param code a word for what failed
   * @param message for people, without a word of the provider's
   */
  default byte[] failure(String code, String message) {
    return new byte[0];
  }

  /** The tokens as the provider has counted them so far. */
  TokenUsage usage();

  /** All tokens that went in, cached ones too, as the provider counted; -1 when it did not say. */
  default long inputTokens() {
    return usage().input();
  }

  /** The tokens that came out as the provider counted them; -1 when it did not say. */
  default long outputTokens() {
    return usage().output();
  }

  /** The media type of the client's stream. */
  String streamType();
}

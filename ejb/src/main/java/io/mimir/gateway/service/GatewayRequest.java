package io.mimir.gateway.service;

import io.mimir.gateway.service.ReferenceReader.Reference;
import io.mimir.security.service.Identity;
import java.util.List;
import java.util.Map;

/**
 * One request to the gateway, read and its caller known.
 *
 * @param method the HTTP method; POST but for addresses that are passed on
 * @param below the address below {@code /v1} with its query, where it is passed on; else null
 * @param body as it came; null for none
 * @param envelope what the JSON says, or null when the body is no JSON
 * @param model as the client named it, or null
 * @param session what the client calls the conversation in a header, or null
 * @param strict whether hints that a provider's protocol has no word for are to be refused
 * @param userAgent of the client, or null
 * @param headers what may be passed on to a provider, in their usual spelling
 */
public record GatewayRequest(
    Operation operation,
    String method,
    String below,
    byte[] body,
    RequestEnvelope envelope,
    String model,
    Map<String, String> headers,
    Identity caller,
    String session,
    boolean strict,
    String userAgent,
    String requestId) {

  /** The address of something that a provider keeps; null where it is none. */
  ObjectAddress address() {
    return below == null ? null : ObjectAddress.at(below, operation.client());
  }

  /** The ids of what a provider keeps that the body names. */
  List<Reference> references() {
    if (envelope == null || envelope.references().isEmpty()) {
      return List.of();
    }
    return switch (operation) {
      case RESPONSES, OTHER, ANTHROPIC_OTHER -> envelope.references();
      case CHAT_COMPLETIONS, MESSAGES, COUNT_TOKENS ->
          envelope.references().stream().filter(Reference::isOfContent).toList();
      case COMPLETIONS, EMBEDDINGS, OLLAMA_CHAT, OLLAMA_GENERATE, OLLAMA_EMBED, OLLAMA_SHOW ->
          List.of();
    };
  }

  /** Whether it may be put to another key, or again: nothing of it is kept by the provider. */
  boolean isRepeatable() {
    return operation.isRepeatable() && !(operation == Operation.RESPONSES && envelope.isKept());
  }

  /** Returns the same request at another address. */
  GatewayRequest at(String otherBelow) {
    return new GatewayRequest(
        operation,
        method,
        otherBelow,
        body,
        envelope,
        model,
        headers,
        caller,
        session,
        strict,
        userAgent,
        requestId);
  }

  /** Whether the client waits for a stream. */
  boolean wantsStream() {
    return envelope != null
        && operation.canStream()
        && envelope.isStreamed(operation.streamsByDefault());
  }

  /** Prompts are nobody's business, not even the log's. */
  @Override
  public String toString() {
    return "GatewayRequest[" + operation + ", " + requestId + "]";
  }
}

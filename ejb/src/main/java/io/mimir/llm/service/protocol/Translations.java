package io.mimir.llm.service.protocol;

import io.mimir.llm.WireProtocol;
import java.util.function.Function;

/** Puts the readers and writers of a pair of protocols together. */
final class Translations {

  private Translations() {}

  static Translation between(ProtocolPair pair) {
    if (pair.upstream() == WireProtocol.OPENAI_EMBEDDINGS
        && pair.client() == WireProtocol.OLLAMA_EMBED) {
      return new Embedding(pair);
    }
    if (pair.client() == pair.upstream()
        || pair.upstream() == WireProtocol.OLLAMA_CHAT
        || pair.upstream() == WireProtocol.OPENAI_RESPONSES
            && pair.client() == WireProtocol.OPENAI_CHAT) {
      // Ollama speaks OpenAI's protocols itself, in which more can be said; and who speaks OpenAI's
      // responses speaks its chat completions too.
      throw pair.unsupported();
    }
    return new ChatTranslation(
        pair, requestReader(pair), requestWriter(pair), responseReader(pair), responseWriter(pair));
  }

  static Translation inProcess(ChatRequest request, ProtocolPair pair, ChatListener listener) {
    return new ChatTranslation(
        pair,
        body -> request,
        requestWriter(pair),
        responseReader(pair),
        asked -> new ListenerWriter(listener));
  }

  private static RequestReader requestReader(ProtocolPair pair) {
    return switch (pair.client()) {
      case OPENAI_CHAT -> new OpenAiChatRequestReader(pair);
      case OPENAI_RESPONSES -> new ResponsesRequestReader(pair);
      case ANTHROPIC_MESSAGES -> new AnthropicRequestReader(pair);
      case OLLAMA_CHAT -> new OllamaChatRequestReader(pair);
      case OLLAMA_GENERATE -> new OllamaGenerateRequestReader(pair);
      case OPENAI_COMPLETIONS, OPENAI_EMBEDDINGS, OLLAMA_EMBED -> throw pair.unsupported();
    };
  }

  private static RequestWriter requestWriter(ProtocolPair pair) {
    return switch (pair.upstream()) {
      case OPENAI_CHAT -> new OpenAiChatRequestWriter(pair);
      case OPENAI_RESPONSES -> new ResponsesRequestWriter(pair);
      case ANTHROPIC_MESSAGES -> new AnthropicRequestWriter(pair);
      case OLLAMA_CHAT -> new OllamaChatRequestWriter();
      default -> throw pair.unsupported();
    };
  }

  private static ResponseReader responseReader(ProtocolPair pair) {
    return switch (pair.upstream()) {
      case OPENAI_CHAT -> new OpenAiChatResponseReader();
      case OPENAI_RESPONSES -> new ResponsesResponseReader();
      case ANTHROPIC_MESSAGES -> new AnthropicResponseReader();
      case OLLAMA_CHAT -> new OllamaChatResponseReader();
      default -> throw pair.unsupported();
    };
  }

  private static Function<ChatRequest, ResponseWriter> responseWriter(ProtocolPair pair) {
    return switch (pair.client()) {
      case OPENAI_CHAT -> OpenAiChatResponseWriter::new;
      case OPENAI_RESPONSES -> ResponsesResponseWriter::new;
      case ANTHROPIC_MESSAGES -> AnthropicResponseWriter::new;
      case OLLAMA_CHAT -> request -> new OllamaResponseWriter(request, true);
      case OLLAMA_GENERATE -> request -> new OllamaResponseWriter(request, false);
      case OPENAI_COMPLETIONS, OPENAI_EMBEDDINGS, OLLAMA_EMBED -> throw pair.unsupported();
    };
  }
}

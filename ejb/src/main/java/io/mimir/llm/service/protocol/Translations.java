package io.mimir.llm.service.protocol;

import java.util.function.Function;

/** Puts the readers and writers of a pair of protocols together. */
final class Translations {

  private Translations() {}

  static Translation between(ProtocolPair pair) {
    return switch (pair.upstream()) {
      case OPENAI_CHAT, ANTHROPIC_MESSAGES -> conversing(pair);
      case OPENAI_EMBEDDINGS -> embedding(pair);
      default -> throw pair.unsupported();
    };
  }

  private static Translation embedding(ProtocolPair pair) {
    if (pair.client() != WireProtocol.OLLAMA_EMBED) {
      throw pair.unsupported();
    }
    return new Embedding(pair);
  }

  private static Translation conversing(ProtocolPair pair) {
    if (pair.client() == pair.upstream()) {
      throw pair.unsupported();
    }
    boolean toAnthropic = pair.upstream() == WireProtocol.ANTHROPIC_MESSAGES;
    RequestReader requestReader = requestReader(pair);
    return new ChatTranslation(
        pair,
        requestReader,
        toAnthropic ? new AnthropicRequestWriter(pair) : new OpenAiChatRequestWriter(pair),
        toAnthropic ? new AnthropicResponseReader() : new OpenAiChatResponseReader(),
        responseWriter(pair));
  }

  private static RequestReader requestReader(ProtocolPair pair) {
    return switch (pair.client()) {
      case OPENAI_CHAT -> new OpenAiChatRequestReader(pair);
      case OPENAI_RESPONSES -> new ResponsesRequestReader(pair);
      case ANTHROPIC_MESSAGES -> new AnthropicRequestReader(pair);
      case OLLAMA_CHAT -> new OllamaChatRequestReader(pair);
      case OLLAMA_GENERATE -> new OllamaGenerateRequestReader(pair);
      default -> throw pair.unsupported();
    };
  }

  private static Function<ChatRequest, ResponseWriter> responseWriter(ProtocolPair pair) {
    return switch (pair.client()) {
      case OPENAI_CHAT -> OpenAiChatResponseWriter::new;
      case OPENAI_RESPONSES -> ResponsesResponseWriter::new;
      case ANTHROPIC_MESSAGES -> request -> new AnthropicResponseWriter();
      case OLLAMA_CHAT -> request -> new OllamaResponseWriter(true);
      case OLLAMA_GENERATE -> request -> new OllamaResponseWriter(false);
      default -> throw pair.unsupported();
    };
  }
}

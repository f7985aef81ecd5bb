package io.mimir.llm.service;

import io.mimir.llm.ProviderOperation;

/** The addresses of operations below a versioned base, where others than Ollama have them too. */
final class OpenAiPaths {

  private OpenAiPaths() {}

  static String of(ProviderOperation operation) {
    return switch (operation) {
      case CHAT_COMPLETIONS -> "chat/completions";
      case COMPLETIONS -> "completions";
      case EMBEDDINGS -> "embeddings";
      case RESPONSES -> "responses";
      case MESSAGES -> "messages";
      case COUNT_TOKENS -> "messages/count_tokens";
      case OLLAMA_CHAT -> "api/chat";
      case OLLAMA_GENERATE -> "api/generate";
      case OLLAMA_EMBED -> "api/embed";
      case OLLAMA_SHOW -> "api/show";
    };
  }
}

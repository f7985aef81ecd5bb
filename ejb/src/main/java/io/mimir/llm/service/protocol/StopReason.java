package io.mimir.llm.service.protocol;

/** Why an answer ended, in the words of each protocol. */
enum StopReason {
  END("stop", "end_turn"),
  SEQUENCE("stop", "stop_sequence"),
  LENGTH("length", "max_tokens"),
  TOOLS("tool_calls", "tool_use"),
  REFUSAL("content_filter", "refusal");

  private final String openAi;
  private final String anthropic;

  StopReason(String openAi, String anthropic) {
    this.openAi = openAi;
    this.anthropic = anthropic;
  }

  String openAi() {
    return openAi;
  }

  String anthropic() {
    return anthropic;
  }

  /** Ollama has no word of its own for calls of tools. */
  String ollama() {
    return this == TOOLS ? END.openAi : openAi;
  }

  /** A word that is not known, of a later version say, is an end like any other. */
  static StopReason ofOpenAi(String word) {
    return switch (word) {
      case "length" -> LENGTH;
      case "tool_calls", "function_call" -> TOOLS;
      case "content_filter" -> REFUSAL;
      default -> END;
    };
  }

  /** As {@link #ofOpenAi}. */
  static StopReason ofAnthropic(String word) {
    return switch (word) {
      case "max_tokens", "model_context_window_exceeded" -> LENGTH;
      case "stop_sequence" -> SEQUENCE;
      case "tool_use" -> TOOLS;
      case "refusal" -> REFUSAL;
      default -> END;
    };
  }
}

package io.mimir.llm;

/** Why an answer ended, in the words of each protocol. */
public enum StopReason {
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

  /** The word of OpenAI's chat completions. */
  public String openAi() {
    return openAi;
  }

  /** The word of Anthropic's messages. */
  public String anthropic() {
    return anthropic;
  }

  /** Ollama has no word of its own for calls of tools. */
  public String ollama() {
    return this == TOOLS ? END.openAi : openAi;
  }

  /** A word that is not known, of a later version say, is an end like any other. */
  public static StopReason ofOpenAi(String word) {
    return switch (word) {
      case "length" -> LENGTH;
      case "tool_calls", "function_call" -> TOOLS;
      case "content_filter" -> REFUSAL;
      default -> END;
    };
  }

  /** Reads Anthropic's word, tolerant like {@link #ofOpenAi}. */
  public static StopReason ofAnthropic(String word) {
    return switch (word) {
      case "max_tokens", "model_context_window_exceeded" -> LENGTH;
      case "stop_sequence" -> SEQUENCE;
      case "tool_use" -> TOOLS;
      case "refusal" -> REFUSAL;
      default -> END;
    };
  }
}

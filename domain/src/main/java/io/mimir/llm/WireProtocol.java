package io.mimir.llm;

/** A protocol that a client or a provider speaks, named after who published it and its address. */
public enum WireProtocol {
  OPENAI_CHAT("OpenAI's chat completions (/v1/chat/completions)"),
  OPENAI_COMPLETIONS("OpenAI's completions (/v1/completions)"),
  OPENAI_EMBEDDINGS("OpenAI's embeddings (/v1/embeddings)"),
  OPENAI_RESPONSES("OpenAI's responses (/v1/responses)"),
  ANTHROPIC_MESSAGES("Anthropic's messages (/v1/messages)"),
  OLLAMA_CHAT("Ollama's chat (/api/chat)"),
  OLLAMA_GENERATE("Ollama's generate (/api/generate)"),
  OLLAMA_EMBED("Ollama's embed (/api/embed)");

  private final String label;

  WireProtocol(String label) {
    this.label = label;
  }

  /** How people know it, in the middle of a sentence. */
  public String label() {
    return label;
  }

  /** Whether its streams are lines of JSON (NDJSON), and not server-sent events. */
  public boolean hasLines() {
    return this == OLLAMA_CHAT || this == OLLAMA_GENERATE;
  }
}

package io.mimir.llm;

import java.util.Locale;

/** An operation of a provider that a call can be made to. */
public enum ProviderOperation {
  CHAT_COMPLETIONS,
  COMPLETIONS,
  EMBEDDINGS,
  RESPONSES,
  MESSAGES,
  COUNT_TOKENS,
  OLLAMA_CHAT,
  OLLAMA_GENERATE,
  OLLAMA_EMBED,
  OLLAMA_SHOW;

  /** Returns the name in {@code providers.json} and on the wire. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}

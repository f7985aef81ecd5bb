package io.mimir.llm;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

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

  /** Returns all operations. */
  public static Set<ProviderOperation> all() {
    return EnumSet.allOf(ProviderOperation.class);
  }

  /** Returns the name in {@code providers.json} and on the wire. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package io.mimir.llm;

import java.util.Locale;

/** A family of wire protocols, named after who published it. */
public enum ProtocolFamily {
  OPENAI,
  ANTHROPIC,
  OLLAMA;

  /** Returns the name in {@code providers.json} and on the wire. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package io.mimir.llm;

import io.mimir.net.Zone;
import java.util.Locale;
import java.util.Optional;

/** Who answers. In store and on the wire the name is in lower case. */
public enum Provider {
  OPENAI("OpenAI", true),
  ANTHROPIC("Anthropic", true),
  OLLAMA("Ollama", false),
  /** Any endpoint that speaks OpenAI's protocol. */
  CUSTOM("Custom", false);

  private final String label;
  private final boolean needsSecret;

  Provider(String label, boolean needsSecret) {
    this.label = label;
    this.needsSecret = needsSecret;
  }

  /** The name as people write it. */
  public String label() {
    return label;
  }

  /**
   * Whether a key without a value makes no sense: hosted providers refuse every call without one.
   */
  public boolean needsSecret() {
    return needsSecret;
  }

  /** Whether an administrator may point it at machines of the own network. */
  public boolean isSelfHosted() {
    return this == OLLAMA || this == CUSTOM;
  }

  /** Returns where its endpoints may be. */
  public Zone zone() {
    return isSelfHosted() ? Zone.SELF_HOSTED : Zone.PUBLIC;
  }

  /** The name in store and on the wire. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Provider> ofWire(String wire) {
    for (Provider provider : values()) {
      if (provider.wire().equals(wire)) {
        return Optional.of(provider);
      }
    }
    return Optional.empty();
  }
}

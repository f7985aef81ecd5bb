package io.mimir.llm;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What a model is asked.
 *
 * @param model the provider's own id of the model
 * @param system the system prompt, or null
 * @param turns the conversation so far, oldest first, ending with the user's turn
 * @param maxTokens the most tokens to answer with, or null for the provider's default
 */
public record Prompt(String model, String system, List<Turn> turns, Integer maxTokens) {

  public Prompt {
    requireNonNull(model);
    turns = List.copyOf(turns);
  }

  /** One contribution to the conversation. */
  public record Turn(Speaker speaker, String text) {
    public Turn {
      requireNonNull(speaker);
      requireNonNull(text);
    }
  }

  /** Who said it. */
  public enum Speaker {
    USER,
    ASSISTANT;

    /** The word on the wire, the same for every provider. */
    public String wire() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}

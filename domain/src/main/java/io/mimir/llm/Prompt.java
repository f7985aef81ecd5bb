package io.mimir.llm;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;

/**
 * What a model is asked.
 *
 * @param model the provider's own id of the model
 * @param system the system prompt, or null
 * @param turns the conversation so far, oldest first, ending with what is not the model's
 * @param maxTokens the most tokens to answer with, or null for the provider's default
 * @param tools that the model may ask to have called
 * @param answerSchema JSON Schema of the answer, as text; null for plain text
 */
public record Prompt(
    String model,
    String system,
    List<Turn> turns,
    Integer maxTokens,
    List<Tool> tools,
    String answerSchema) {

  public Prompt {
    requireNonNull(model);
    turns = List.copyOf(turns);
    tools = List.copyOf(tools);
  }

  /** A question for plain text, without tools. */
  public Prompt(String model, String system, List<Turn> turns, Integer maxTokens) {
    this(model, system, turns, maxTokens, List.of(), null);
  }

  /**
   * Something that the model may ask to have called.
   *
   * @param name letters, digits and underscores
   * @param schema JSON Schema of its arguments, as text
   */
  public record Tool(String name, String description, String schema) {}

  /**
   * One contribution to the conversation.
   *
   * @param text may be empty beside calls
   * @param calls what the model asked to have called; empty for none
   * @param callId the call whose result this is; null unless the speaker is a tool
   */
  public record Turn(Speaker speaker, String text, List<ToolCall> calls, String callId) {
    public Turn {
      requireNonNull(speaker);
      requireNonNull(text);
      calls = List.copyOf(calls);
    }

    public Turn(Speaker speaker, String text) {
      this(speaker, text, List.of(), null);
    }
  }

  /** Who said it. */
  public enum Speaker {
    USER,
    ASSISTANT,
    TOOL;

    /** The word on the wire, the same for every provider. */
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}

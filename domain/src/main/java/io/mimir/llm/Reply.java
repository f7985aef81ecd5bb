package io.mimir.llm;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What a model answered.
 *
 * @param model the model as the provider names it, which may be more exact than the one asked for
 * @param calls what it asks to have called before it goes on; empty for none
 */
public record Reply(String text, String model, Usage usage, List<ToolCall> calls) {

  public Reply {
    requireNonNull(text);
    requireNonNull(model);
    requireNonNull(usage);
    calls = List.copyOf(calls);
  }

  /** An answer that asks for no calls. */
  public Reply(String text, String model, Usage usage) {
    this(text, model, usage, List.of());
  }

  /** Tokens as the provider counted them; null where it did not say. */
  public record Usage(Long inputTokens, Long outputTokens) {
    public static final Usage UNKNOWN = new Usage(null, null);
  }
}

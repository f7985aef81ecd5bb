package io.mimir.llm;

import static java.util.Objects.requireNonNull;

/**
 * What a model answered.
 *
 * @param model the model as the provider names it, which may be more exact than the one asked for
 */
public record Reply(String text, String model, Usage usage) {

  public Reply {
    requireNonNull(text);
    requireNonNull(model);
    requireNonNull(usage);
  }

  /** Tokens as the provider counted them; null where it did not say. */
  public record Usage(Long inputTokens, Long outputTokens) {
    public static final Usage UNKNOWN = new Usage(null, null);
  }
}

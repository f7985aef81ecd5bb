package io.mimir.llm.service.protocol;

/**
 * How much a model is to think before it answers.
 *
 * @param field what the client calls it
 * @param effort null where only a budget, or nothing but that it may think, was said
 * @param budgetTokens 0 where none was given
 */
record Thinking(String field, Effort effort, int budgetTokens) {

  /** The words of all protocols, from the least to the most. */
  enum Effort {
    NONE(0),
    MINIMAL(1024),
    LOW(2048),
    MEDIUM(8192),
    HIGH(16_384),
    XHIGH(24_576),
    MAX(31_999);

    private final int budgetTokens;

    Effort(int budgetTokens) {
      this.budgetTokens = budgetTokens;
    }

    /** The protocols' word. */
    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The effort of that word, or null. */
    static Effort of(String word) {
      for (Effort effort : values()) {
        if (effort.word().equals(word)) {
          return effort;
        }
      }
      return null;
    }
  }

  static Thinking ofEffort(String field, Effort effort) {
    return new Thinking(field, effort, 0);
  }

  boolean isOff() {
    return effort == Effort.NONE;
  }

  /** The effort that was said, or that a budget stands for; null where neither was given. */
  Effort nearestEffort() {
    if (effort != null || budgetTokens == 0) {
      return effort;
    }
    if (budgetTokens <= Effort.LOW.budgetTokens) {
      return Effort.LOW;
    }
    return budgetTokens <= Effort.MEDIUM.budgetTokens ? Effort.MEDIUM : Effort.HIGH;
  }

  /** The budget that was given, or that an effort stands for. */
  int nearestBudget() {
    if (budgetTokens > 0) {
      return budgetTokens;
    }
    return effort == null ? Effort.MEDIUM.budgetTokens : effort.budgetTokens;
  }
}

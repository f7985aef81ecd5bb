package io.mimir.llm.service.protocol;

import io.mimir.llm.WireProtocol;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What the translation does with each field of a client's: the one table, which the page shows. */
final class FieldRules {

  private FieldRules() {}

  /** How much an answer depends on a field. */
  enum Kind {
    /** The caller relies on it: it is refused where it cannot be said. */
    MEANING,
    /** The target has a word for it. */
    LIKE,
    /** It only helps: it is left out and named where there is no word for it. */
    HINT
  }

  /**
   * @param field its name within the body, with points for what is within and {@code []} for arrays
   * @param to the protocols of providers that this holds for
   * @param what happens, as a sentence without its end
   */
  record FieldRule(
      WireProtocol client, String field, Set<WireProtocol> to, Kind kind, String what) {}

  /** All rules, in the order in which the page has them. */
  static List<FieldRule> all() {
    return Stream.of(
            OpenAiChatFields.RULES,
            AnthropicFields.RULES,
            ResponsesFields.RULES,
            OllamaFields.RULES)
        .flatMap(List::stream)
        .toList();
  }

  /** The fields of the body itself that are left out whatever they say. */
  static String[] hints(List<FieldRule> rules) {
    return rules.stream()
        .filter(rule -> rule.kind() == Kind.HINT && rule.what().equals(LEFT_OUT))
        .map(FieldRule::field)
        .filter(field -> field.indexOf('.') < 0 && field.indexOf('[') < 0)
        .distinct()
        .toArray(String[]::new);
  }

  /** The words for a field that is left out whatever it says. */
  static final String LEFT_OUT = "left out";
}

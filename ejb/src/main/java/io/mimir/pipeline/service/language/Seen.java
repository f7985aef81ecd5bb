package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What a step will see, as far as the definition tells.
 *
 * @param input JSON Schema of the input; null for any
 * @param steps those before it, here and further out
 * @param each whether there are an item and an index
 */
record Seen(JsonNode input, Set<String> steps, boolean each) {

  static Seen of(JsonNode input) {
    return new Seen(input, Set.of(), false);
  }

  Seen and(String step) {
    Set<String> more = new LinkedHashSet<>(steps);
    more.add(step);
    return new Seen(input, more, each);
  }

  Seen inEach() {
    return new Seen(input, steps, true);
  }

  /** Whether the input can have a member of this name. */
  boolean inputMayHave(String name) {
    if (input == null) {
      return true;
    }
    JsonNode more = input.path("additionalProperties");
    return !more.isBoolean() || more.booleanValue() || input.path("properties").has(name);
  }
}

package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What can be seen from one place of a definition.
 *
 * @param steps the names of the steps before, in the same list and in those around it
 * @param inEach whether there is an item
 * @param input the schema of the run's input; null for any object
 * @param all the path of every step of the pipeline, by its name
 */
record Sight(Set<String> steps, boolean inEach, JsonNode input, Map<String, String> all) {

  Sight {
    steps = Set.copyOf(steps);
  }

  /** What the next step of the list sees. */
  Sight after(String step) {
    Set<String> more = new HashSet<>(steps);
    more.add(step);
    return new Sight(more, inEach, input, all);
  }

  Sight each() {
    return new Sight(steps, true, input, all);
  }
}

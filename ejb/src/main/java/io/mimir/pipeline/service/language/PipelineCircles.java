package io.mimir.pipeline.service.language;

import io.mimir.pipeline.PipelineLimits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Follows pipelines through those that they run. */
final class PipelineCircles {

  private final Definition first;
  private final Palette palette;
  private final Map<String, Set<String>> named = new HashMap<>();

  /**
   * @param first the one that is looked at, which may not be kept yet
   */
  PipelineCircles(Definition first, Palette palette) {
    this.first = first;
    this.palette = palette;
  }

  /** What is wrong, and what to do. */
  record Problem(String code, String message) {}

  /** Tells what is wrong with running a pipeline from the first one. */
  Optional<Problem> problem(String name) {
    if (!name.equals(first.name()) && palette.pipeline(name).isEmpty()) {
      return Optional.of(
          new Problem("unknown_pipeline", "There is no pipeline " + Fields.shown(name) + "."));
    }
    return follow(name, new ArrayList<>(List.of(first.name())), new HashMap<>());
  }

  /**
   * @param way the names on the way here
   * @param deepest how deep each pipeline was when it was looked at, as only deeper is news
   */
  private Optional<Problem> follow(String name, List<String> way, Map<String, Integer> deepest) {
    boolean circle = way.contains(name);
    List<String> longer = new ArrayList<>(way);
    longer.add(name);
    if (circle) {
      return Optional.of(
          new Problem(
              "circle",
              "The pipelines run one another without end: "
                  + String.join(" → ", longer)
                  + ". Take one of them out."));
    }
    if (longer.size() > PipelineLimits.DEPTH) {
      return Optional.of(
          new Problem(
              "too_deep",
              "At most 8 pipelines run one another, and this goes on: "
                  + String.join(" → ", longer)
                  + "."));
    }
    if (deepest.getOrDefault(name, 0) >= longer.size()) {
      return Optional.empty();
    }
    deepest.put(name, longer.size());
    return nested(name).stream()
        .map(next -> follow(next, longer, deepest))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private Set<String> nested(String name) {
    return named.computeIfAbsent(
        name, any -> palette.pipeline(name).map(Definition::pipelines).orElse(Set.of()));
  }
}

package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a pipeline does, as one revision of it says. Immutable: the trees of JSON in it are never
 * changed either.
 *
 * @param name identity of the pipeline, with the rules of a plugin's name
 * @param description empty when there is none
 * @param input JSON Schema of the input; null when any object will do
 * @param steps at least one
 * @param output the value that a run gives, to be resolved by {@link Values}; null for the result
 *     of the last step
 */
public record Definition(
    String name,
    String description,
    ObjectNode input,
    List<Step> steps,
    JsonNode output,
    Limits limits) {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  public Definition {
    steps = List.copyOf(steps);
  }

  /**
   * The bounds of a run.
   *
   * @param timeout how long a run may work, waiting for people and for times left out
   * @param tokens the most tokens of models, input and output together; null for no bound
   * @param concurrency how many runs of the pipeline may work at once, 1 to 64
   */
  public record Limits(Duration timeout, Long tokens, int concurrency) {

    /** What holds where a pipeline says nothing. */
    public static final Limits DEFAULT = new Limits(Duration.ofHours(1), null, 16);
  }

  /** The plugins that its steps and the tools of its models are of, by name. */
  public Set<String> plugins() {
    return sorted(Step.all(steps).flatMap(step -> plugins(step.work())));
  }

  private static Stream<String> plugins(Step.Work work) {
    if (work instanceof Step.Action action) {
      return Stream.of(action.plugin());
    }
    return work instanceof Step.Model model
        ? model.tools().stream().map(Step.Model.Tool::plugin)
        : Stream.empty();
  }

  /** The other pipelines that its steps run, by name. */
  public Set<String> pipelines() {
    return sorted(
        Step.all(steps)
            .filter(step -> step.work() instanceof Step.Nested)
            .map(step -> ((Step.Nested) step.work()).pipeline()));
  }

  private static Set<String> sorted(Stream<String> names) {
    return names.collect(Collectors.toCollection(TreeSet::new));
  }

  /** Whether a step asks a person, or waits for longer than anybody waits for an answer. */
  public boolean asksPeople() {
    return Step.all(steps)
        .anyMatch(
            step ->
                step.work() instanceof Step.Approve
                    || step.work() instanceof Step.Wait wait
                        && (wait.pause() == null || wait.pause().compareTo(PATIENCE) > 0));
  }
}

package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A step of a pipeline: what it does, and what happens when it cannot.
 *
 * @param name {@code [a-z][a-z0-9_-]{0,63}}, once in the whole pipeline
 * @param when a condition; where it does not hold, the step is skipped and gives null. Null for
 *     always
 * @param timeout of one attempt; null for what the work itself says
 */
public record Step(
    String name, String when, Retry retry, Duration timeout, OnError onError, Work work) {

  /**
   * When a failed attempt is made again.
   *
   * @param times attempts after the first, 0 to 20
   * @param delay before the second attempt
   * @param factor by which each further delay is longer, 1 to 10
   * @param most the longest delay
   * @param reasons the reason codes of failures that are worth another attempt; empty for every
   *     failure that may pass by itself
   */
  public record Retry(
      int times, Duration delay, double factor, Duration most, Set<String> reasons) {

    /** One attempt only. */
    public static final Retry NONE =
        new Retry(0, Duration.ofSeconds(1), 2, Duration.ofMinutes(1), Set.of());

    public Retry {
      reasons = Set.copyOf(reasons);
    }
  }

  /**
   * What follows a failure that no further attempt mends.
   *
   * @param to the step of the same list that is next, always a later one; null unless GO_TO
   */
  public record OnError(Kind kind, String to) {

    public static final OnError STOP = new OnError(Kind.STOP, null);
    public static final OnError CONTINUE = new OnError(Kind.CONTINUE, null);

    /** The ways to go on. */
    public enum Kind {
      /** The run fails. */
      STOP,
      /** The step gives null, and the next one begins. */
      CONTINUE,
      GO_TO
    }
  }

  /** What a step does. */
  public sealed interface Work
      permits Action, Model, Branch, Each, Parallel, Wait, Approve, Nested {

    /** The lists of steps within it, as they are written; empty for none. */
    default List<List<Step>> lists() {
      return List.of();
    }
  }

  /** All steps of a list, those within steps after the one that they are in. */
  static Stream<Step> all(List<Step> steps) {
    return steps.stream()
        .flatMap(
            step ->
                Stream.concat(Stream.of(step), step.work().lists().stream().flatMap(Step::all)));
  }

  /**
   * Calls an action of a plugin, uploaded or built in.
   *
   * @param with the input, an object to be resolved by {@link Values}
   */
  public record Action(String plugin, String action, JsonNode with) implements Work {}

  /**
   * Asks a model.
   *
   * @param model {@code model} or {@code provider/model}; may be a template
   * @param system a template; null for none
   * @param messages templates, at least one, the last of them the user's
   * @param answer JSON Schema that the answer, which is JSON then, has to fit; null for any text
   * @param tools actions of plugins that the model may call
   * @param rounds how often it may call tools, 1 to 32
   * @param maxTokens of one answer; null for the key's own
   */
  public record Model(
      String model,
      String system,
      List<Message> messages,
      ObjectNode answer,
      List<Tool> tools,
      int rounds,
      Integer maxTokens)
      implements Work {

    public Model {
      messages = List.copyOf(messages);
      tools = List.copyOf(tools);
    }

    /**
     * Something said.
     *
     * @param role {@code user} or {@code assistant}
     * @param content a template
     */
    public record Message(String role, String content) {}

    /** An action that the model may call. */
    public record Tool(String plugin, String action) {}
  }

  /** Goes one of two ways. Gives the result of the last step of the way gone; null for none. */
  public record Branch(String when, List<Step> then, List<Step> otherwise) implements Work {
    public Branch {
      then = List.copyOf(then);
      otherwise = List.copyOf(otherwise);
    }

    @Override
    public List<List<Step>> lists() {
      return List.of(then, otherwise);
    }
  }

  /**
   * Does its steps for each item of a list. Gives the list of the results of the last step.
   *
   * @param over the list, to be resolved by {@link Values}
   * @param parallel how many items are worked on at once, 1 to 64
   */
  public record Each(JsonNode over, int parallel, List<Step> steps) implements Work {
    public Each {
      steps = List.copyOf(steps);
    }

    @Override
    public List<List<Step>> lists() {
      return List.of(steps);
    }
  }

  /** Goes all ways at once. Gives an object: for each way the result of its last step. */
  public record Parallel(Map<String, List<Step>> ways) implements Work {
    public Parallel {
      // In the order in which they are written, which Map.copyOf would lose.
      ways = Collections.unmodifiableMap(new LinkedHashMap<>(ways));
    }

    @Override
    public List<List<Step>> lists() {
      return List.copyOf(ways.values());
    }
  }

  /**
   * Waits. Exactly one of the two is there.
   *
   * @param pause how long
   * @param until an RFC 3339 time, to be resolved by {@link Values}
   */
  public record Wait(Duration pause, JsonNode until) implements Work {}

  /**
   * Asks a person. Gives {@code {approved, note, by}}; a no fails the step.
   *
   * @param role {@code admin}, {@code auditor} or {@code user}: who may answer
   * @param message what is asked, a template
   */
  public record Approve(String role, String message) implements Work {}

  /**
   * Runs another pipeline, and gives what it gives.
   *
   * @param with its input, an object to be resolved by {@link Values}
   */
  public record Nested(String pipeline, JsonNode with) implements Work {}
}

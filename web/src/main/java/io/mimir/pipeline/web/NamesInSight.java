package io.mimir.pipeline.web;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The names of the context that a step can use, for a person to pick from. */
final class NamesInSight {

  private final JsonNode definition;
  private final Function<JsonNode, List<String>> results;
  private final List<Name> names = new ArrayList<>();

  private NamesInSight(JsonNode definition, Function<JsonNode, List<String>> results) {
    this.definition = definition;
    this.results = results;
  }

  /**
   * A place of the context.
   *
   * @param pointer as {@code $pointer} takes it
   * @param cel as an expression names it
   * @param text as a text with braces names it
   */
  public record Name(String pointer, String cel, String text) implements Serializable {

    static Name of(String... path) {
      StringBuilder cel = new StringBuilder();
      for (String name : path) {
        boolean plain = name.matches("[A-Za-z_][A-Za-z0-9_]*");
        cel.append(cel.isEmpty() ? name : plain ? "." + name : "[\"" + name + "\"]");
      }
      return new Name(
          "/" + String.join("/", path), cel.toString(), "{{" + String.join(".", path) + "}}");
    }
  }

  /**
   * Lists what is in sight.
   *
   * @param pointer of a step; empty for the output of the pipeline, which sees all of its steps
   * @param results the names within the result of a step, where they are known
   */
  static List<Name> at(
      JsonNode definition, String pointer, Function<JsonNode, List<String>> results) {
    NamesInSight sight = new NamesInSight(definition, results);
    sight.collect(pointer);
    return sight.names;
  }

  private void collect(String pointer) {
    names.add(Name.of("input"));
    definition
        .path("input")
        .path("properties")
        .fieldNames()
        .forEachRemaining(name -> names.add(Name.of("input", name)));
    if (pointer.isEmpty()) {
      definition.path("steps").forEach(this::step);
    } else {
      before(JsonPointer.compile(pointer));
    }
    if (pointer.contains("/each/steps/")) {
      names.add(Name.of("item"));
      names.add(Name.of("index"));
    }
    names.add(Name.of("run", "id"));
    names.add(Name.of("run", "started_at"));
    names.add(Name.of("run", "pipeline"));
  }

  /** The steps before a step in its list, and before those that it lies in. */
  private void before(JsonPointer place) {
    List<JsonPointer> lists = new ArrayList<>();
    for (JsonPointer at = place; at != null && !at.matches(); at = at.head()) {
      if (definition.at(at.head()).isArray()) {
        lists.add(0, at);
      }
    }
    for (JsonPointer at : lists) {
      JsonNode list = definition.at(at.head());
      int end = Math.min(at.last().getMatchingIndex(), list.size());
      for (int i = 0; i < end; i++) {
        step(list.get(i));
      }
    }
  }

  private void step(JsonNode step) {
    String name = step.path("name").asText("");
    if (name.isEmpty()) {
      return;
    }
    names.add(Name.of("steps", name));
    switch (StepKind.of(step)) {
      case MODEL -> {
        names.add(Name.of("steps", name, "text"));
        if (step.has("answer")) {
          names.add(Name.of("steps", name, "json"));
          step.path("answer")
              .path("properties")
              .fieldNames()
              .forEachRemaining(one -> names.add(Name.of("steps", name, "json", one)));
        }
      }
      case APPROVE -> List.of("approved", "note", "by").forEach(one -> within(name, one));
      case PARALLEL ->
          step.path("parallel").fieldNames().forEachRemaining(one -> within(name, one));
      default -> results.apply(step).forEach(one -> within(name, one));
    }
  }

  private void within(String step, String name) {
    names.add(Name.of("steps", step, name));
  }
}

package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** What a step does, by the member of its object that says so. */
enum StepKind {
  ACTION("plugin"),
  MODEL("chat"),
  BRANCH("branch"),
  EACH("each"),
  PARALLEL("parallel"),
  WAIT("clock"),
  APPROVE("account"),
  PIPELINE("pipeline"),
  /** Not said, or not known. */
  NONE("untested");

  private final String icon;

  StepKind(String icon) {
    this.icon = icon;
  }

  String icon() {
    return icon;
  }

  /** As definitions write it. */
  String wire() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** Finds out what a step does. */
  static StepKind of(JsonNode step) {
    for (StepKind kind : values()) {
      if (step.has(kind.wire())) {
        return kind;
      }
    }
    return NONE;
  }

  /**
   * Finds the lists of steps within one.
   *
   * @return by what follows the pointer of the step, in order; empty where there are none
   */
  Map<String, JsonNode> lists(JsonNode step) {
    Map<String, JsonNode> lists = new java.util.LinkedHashMap<>();
    JsonNode work = step.path(wire());
    if (this == BRANCH) {
      lists.put("/branch/then", work.path("then"));
      lists.put("/branch/else", work.path("else"));
    } else if (this == EACH) {
      lists.put("/each/steps", work.path("steps"));
    } else if (this == PARALLEL && work.isObject()) {
      work.properties().forEach(way -> lists.put(pointer(way.getKey()), way.getValue()));
    }
    return lists;
  }

  private static String pointer(String way) {
    return "/parallel/" + way.replace("~", "~0").replace("/", "~1");
  }
}

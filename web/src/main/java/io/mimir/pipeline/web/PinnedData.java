package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.pipeline.service.run.StepState;
import io.mimir.pipeline.service.run.Value;
import java.util.List;

/** The values that a step is first tried on: those of the last run where it has some. */
final class PinnedData {

  private final ObjectNode pinned = RunJson.object();

  private PinnedData() {}

  /**
   * @param names what the step can see
   * @param input of the last run; null for none
   * @param last where the steps of that run are
   */
  static ObjectNode of(
      JsonNode definition,
      String pointer,
      List<NamesInSight.Name> names,
      JsonNode input,
      List<StepState> last) {
    PinnedData data = new PinnedData();
    data.pinned.set("input", input == null ? emptyInput(definition) : input);
    ObjectNode steps = data.pinned.putObject("steps");
    for (NamesInSight.Name name : names) {
      String[] path = name.pointer().substring(1).split("/");
      if (path.length > 1 && path[0].equals("steps")) {
        data.step(steps, path, last);
      }
    }
    int each = pointer.lastIndexOf("/each/steps/");
    if (each >= 0) {
      data.item(definition.at(pointer.substring(0, each) + "/each/over"));
    }
    return data.pinned;
  }

  private static ObjectNode emptyInput(JsonNode definition) {
    ObjectNode input = RunJson.object();
    definition
        .path("input")
        .path("properties")
        .properties()
        .forEach(one -> input.set(one.getKey(), NewSteps.empty(one.getValue())));
    return input;
  }

  /** A result that is known, or the names that are known of one. */
  private void step(ObjectNode steps, String[] path, List<StepState> last) {
    String name = path[1];
    if (!steps.has(name)) {
      JsonNode known =
          last.stream()
              .filter(one -> one.name().equals(name))
              .map(StepState::result)
              .filter(value -> value != null && value.inline() != null)
              .map(Value::inline)
              .findFirst()
              .orElse(null);
      steps.set(name, known == null ? RunJson.object() : known);
    }
    if (path.length == 3 && steps.get(name) instanceof ObjectNode object && !object.has(path[2])) {
      object.put(path[2], "");
    }
  }

  /** The first of the list that is gone over, where it is one of the values. */
  private void item(JsonNode over) {
    JsonNode list = over.isArray() ? over : pinned.at(place(over));
    pinned.set("item", list.path(0).isMissingNode() ? RunJson.object() : list.get(0));
    pinned.put("index", 0);
  }

  private static String place(JsonNode over) {
    String pointer = over.path("$pointer").asText("");
    return pointer.startsWith("/") ? pointer : "/none";
  }
}

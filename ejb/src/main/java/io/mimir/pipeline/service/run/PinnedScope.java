package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.language.Scope;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A context that is written down: what {@link StepTry} does a step on.
 *
 * @param json with {@code input}, {@code steps}, {@code item} and {@code index}, each of which may
 *     be left out
 * @param run facts of the run: {@code id}, {@code started_at}, {@code pipeline}
 */
public record PinnedScope(ObjectNode json, ObjectNode run) implements Scope {

  @Override
  public JsonNode input() {
    return json.path("input").isObject() ? json.get("input") : RunJson.object();
  }

  @Override
  public Set<String> steps() {
    Set<String> names = new LinkedHashSet<>();
    json.path("steps").fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Override
  public JsonNode step(String name) {
    return json.path("steps").get(name);
  }

  @Override
  public JsonNode item() {
    return json.get("item");
  }

  @Override
  public int index() {
    return json.path("index").asInt(-1);
  }
}

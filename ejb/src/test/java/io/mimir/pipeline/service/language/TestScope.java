package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashSet;
import java.util.Set;

/** What a step sees, given as JSON. */
record TestScope(JsonNode input, JsonNode results, JsonNode item, int index) implements Scope {

  static final JsonMapper JSON = JsonMapper.builder().build();

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  static TestScope of(String input, String steps) {
    return new TestScope(json(input), json(steps), null, -1);
  }

  TestScope at(String one, int place) {
    return new TestScope(input, results, json(one), place);
  }

  @Override
  public Set<String> steps() {
    Set<String> names = new LinkedHashSet<>();
    results.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Override
  public JsonNode step(String name) {
    return results.get(name);
  }

  @Override
  public JsonNode run() {
    return json("{'id':'run_1','pipeline':'p'}");
  }
}

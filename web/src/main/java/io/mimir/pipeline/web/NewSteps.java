package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.plugin.service.PluginActions;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** The kinds of steps that can be added, and what a new one of each begins with. */
final class NewSteps {

  private static final List<String> TYPES = List.of("input", "data_processing", "ai", "output");
  private static final List<String> OTHERS =
      List.of("model", "branch", "each", "parallel", "wait", "approve", "pipeline");
  private static final String PLACEHOLDER = "{\"name\":\"pause\",\"wait\":{\"for\":\"1s\"}}";

  private NewSteps() {}

  /**
   * Kinds that belong together.
   *
   * @param type of plugins, or {@code other}
   */
  public record Group(String type, List<String> kinds) implements Serializable {}

  /** Groups what can be added: the actions of plugins by their type, then all else. */
  static List<Group> groups(List<PluginActions.Offered> plugins) {
    List<Group> groups = new ArrayList<>();
    for (String type : TYPES) {
      List<String> actions = new ArrayList<>();
      for (PluginActions.Offered plugin : plugins) {
        if (plugin.type().wire().equals(type)) {
          plugin.actions().forEach(one -> actions.add(plugin.name() + "." + one.name()));
        }
      }
      if (!actions.isEmpty()) {
        groups.add(new Group(type, actions));
      }
    }
    groups.add(new Group("other", OTHERS));
    return groups;
  }

  /**
   * Makes a step that only has to be filled in.
   *
   * @param kind an action with a dot in it, or one of the others
   * @param model that a step asks which asks one
   */
  static ObjectNode step(String kind, String model, List<PluginActions.Offered> plugins) {
    if (kind.indexOf('.') > 0) {
      return action(kind, plugins);
    }
    String work =
        switch (kind) {
          case "model" -> "{\"name\":\"ask\",\"model\":\"\",\"prompt\":\"\"}";
          case "branch" ->
              "{\"name\":\"check\",\"branch\":{\"when\":\"true\",\"then\":[%s],\"else\":[]}}"
                  .formatted(PLACEHOLDER);
          case "each" ->
              "{\"name\":\"loop\",\"each\":{\"over\":{\"$pointer\":\"/input/items\"},\"steps\":[%s]}}"
                  .formatted(PLACEHOLDER);
          case "parallel" ->
              "{\"name\":\"ways\",\"parallel\":{\"one\":[%s],\"two\":[%s]}}"
                  .formatted(PLACEHOLDER, PLACEHOLDER.replace("pause", "rest"));
          case "approve" ->
              "{\"name\":\"approve\",\"approve\":{\"role\":\"user\",\"message\":\"May this go on?\"}}";
          case "pipeline" -> "{\"name\":\"call\",\"pipeline\":\"\",\"with\":{}}";
          default -> PLACEHOLDER;
        };
    ObjectNode step = (ObjectNode) RunJson.stored(work);
    if (kind.equals("model")) {
      step.put("model", model);
    }
    return step;
  }

  private static ObjectNode action(String kind, List<PluginActions.Offered> plugins) {
    String plugin = kind.substring(0, kind.indexOf('.'));
    String name = kind.substring(kind.indexOf('.') + 1);
    ObjectNode step = RunJson.object().put("name", name.replaceAll("[^a-z0-9_-]", "_"));
    ObjectNode with = step.put("action", kind).putObject("with");
    plugins.stream()
        .filter(one -> one.name().equals(plugin))
        .flatMap(one -> one.action(name).stream())
        .flatMap(one -> one.inputSchema().stream())
        .map(schema -> RunJson.stored(schema.toString()))
        .forEach(schema -> fill(with, schema));
    return step;
  }

  /** Makes a step that does little, for a list that has to have one. */
  static ObjectNode placeholder(String name) {
    return ((ObjectNode) RunJson.stored(PLACEHOLDER)).put("name", "pause_" + name);
  }

  /** Puts in what has to be there, empty. */
  private static void fill(ObjectNode with, JsonNode schema) {
    for (JsonNode required : schema.path("required")) {
      with.set(required.asText(), empty(schema.path("properties").path(required.asText())));
    }
  }

  /** Returns a value that has the type of a schema; its default where there is one. */
  static JsonNode empty(JsonNode schema) {
    if (schema.has("default")) {
      return schema.get("default");
    }
    ObjectNode one = RunJson.object();
    return switch (schema.path("type").asText("")) {
      case "object" -> one.putObject("value");
      case "array" -> one.putArray("value");
      case "integer", "number" -> one.put("value", 0).get("value");
      case "boolean" -> one.put("value", false).get("value");
      default -> one.put("value", "").get("value");
    };
  }
}

package io.mimir.plugin.service.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.plugin.service.PluginCallException;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Changes the form of a JSON document by a list of steps: those of JSON Patch (RFC 6902), and a few
 * that patches lack. Steps are data: they have no loops but over what is there, and no expressions.
 */
@ApplicationScoped
public class JsonTransform implements BuiltinPlugin {

  @Override
  public String name() {
    return "json_transform";
  }

  @Override
  public ObjectNode call(String action, Settings settings, ObjectNode input, Deadline deadline)
      throws PluginCallException {
    JsonNode steps = input.has("steps") ? input.get("steps") : settings.open().get("steps");
    if (!(steps instanceof ArrayNode list)) {
      throw Refusals.refused("missing_steps", "Give steps with the call, or configure some");
    }
    JsonNode changed = new JsonSteps(deadline).apply(list, input.get("data"));
    return Builtins.JSON.createObjectNode().set("data", changed);
  }
}

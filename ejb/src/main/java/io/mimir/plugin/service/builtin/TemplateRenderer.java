package io.mimir.plugin.service.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.plugin.service.PluginCallException;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Fills a Mustache template with data. It sees JSON and nothing else: names lead to members, never
 * to methods or fields of Java, and what the data says is not read as a template again.
 */
@ApplicationScoped
public class TemplateRenderer implements BuiltinPlugin {

  @Override
  public String name() {
    return "template";
  }

  @Override
  public ObjectNode call(String action, Settings settings, ObjectNode input, Deadline deadline)
      throws PluginCallException {
    String template = input.path("template").asText(settings.text("template").orElse(""));
    if (template.isEmpty()) {
      throw Refusals.refused("missing_template", "Give a template with the call, or configure one");
    }
    MustacheText text =
        new MustacheText(
            settings.text("missing").orElse("error").equals("error"),
            settings.text("escape").orElse("none").equals("html"),
            deadline::hasPassed);
    JsonNode data = input.has("data") ? input.get("data") : Builtins.JSON.createObjectNode();
    try {
      return Builtins.JSON.createObjectNode().put("text", text.render(template, data));
    } catch (MustacheText.Refused e) {
      throw e.code().equals("deadline")
          ? Deadline.passed()
          : Refusals.refused(e.code(), e.getMessage());
    }
  }
}

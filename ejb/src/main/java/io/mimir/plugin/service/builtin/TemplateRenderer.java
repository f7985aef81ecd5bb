package io.mimir.plugin.service.builtin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.plugin.service.PluginCallException;
import jakarta.enterprise.context.ApplicationScoped;

/** Fills a Mustache template with data: see {@link JsonTemplate}. */
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
    JsonTemplate.Style style =
        new JsonTemplate.Style(
            settings.text("missing").orElse("error").equals("error"),
            settings.text("escape").orElse("none").equals("html"));
    Object data = input.has("data") ? input.get("data") : Builtins.JSON.createObjectNode();
    try {
      return Builtins.JSON
          .createObjectNode()
          .put("text", JsonTemplate.render(template, data, style, deadline::hasPassed));
    } catch (JsonTemplate.TooLateException e) {
      throw Deadline.passed();
    } catch (JsonTemplate.TemplateException e) {
      throw Refusals.refused(e.code(), e.getMessage());
    }
  }
}

package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.pipeline.PipelineLimits;
import io.mimir.plugin.service.ConfigSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks at a definition whose form is right: whether what it names is there, whether what it passes
 * on can fit, and whether every step can be reached.
 */
public final class DefinitionCheck {

  private final Palette palette;
  private final Expressions expressions;
  private final List<Finding> findings = new ArrayList<>();

  private DefinitionCheck(Palette palette, Expressions expressions) {
    this.palette = palette;
    this.expressions = expressions;
  }

  /** Tells what is wrong, in the order of the document. */
  public static List<Finding> check(
      Definition definition, Palette palette, Expressions expressions) {
    DefinitionCheck check = new DefinitionCheck(palette, expressions);
    check.definition(definition);
    return List.copyOf(check.findings);
  }

  private void definition(Definition definition) {
    schema(definition.input(), "/input", null);
    Seen all = list(definition.steps(), "/steps", "", Seen.of(definition.input()));
    if (definition.output() != null) {
      values("/output", null, all).value(definition.output(), "/output");
    }
    circles(definition, List.of(definition.name()));
  }

  private ValueCheck values(String path, String step, Seen seen) {
    return new ValueCheck(expressions, seen, path, step, findings);
  }

  /**
   * Looks at the steps of a list.
   *
   * @return what is seen after the last of them
   */
  private Seen list(List<Step> steps, String path, String prefix, Seen before) {
    Seen seen = before;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      String at = path + "/" + i;
      String name = prefix + step.name();
      step(step, at, name, seen);
      if (step.onError().kind() == Step.OnError.Kind.GO_TO) {
        goTo(step.onError().to(), steps.subList(i + 1, steps.size()), at, name);
      }
      seen = seen.and(step.name());
    }
    return seen;
  }

  private void goTo(String target, List<Step> later, String path, String step) {
    if (later.stream().noneMatch(one -> one.name().equals(target))) {
      findings.add(
          new Finding(
              path + "/on_error",
              step,
              "unknown_step",
              later.isEmpty()
                  ? "There is no step after this one to go to: use stop or continue"
                  : "go_to names a later step of the same list: one of "
                      + later.stream().map(Step::name).collect(Collectors.joining(", "))));
    }
  }

  private void step(Step step, String path, String name, Seen seen) {
    ValueCheck values = values(path, name, seen);
    if (step.when() != null) {
      values.expression(step.when(), path + "/when");
      if (step.when().strip().equals("false")) {
        findings.add(
            new Finding(path + "/when", name, "unreachable", "This step is never done: remove it"));
      }
    }
    Step.Work work = step.work();
    if (work instanceof Step.Action action) {
      action(action, path, name, values);
    } else if (work instanceof Step.Model model) {
      model(model, path, name, values);
    } else if (work instanceof Step.Branch branch) {
      branch(branch, path, name, seen, values);
    } else if (work instanceof Step.Each each) {
      values.value(each.over(), path + "/each/over");
      list(each.steps(), path + "/each/steps", name + ".", seen.inEach());
    } else if (work instanceof Step.Parallel parallel) {
      for (Map.Entry<String, List<Step>> way : parallel.ways().entrySet()) {
        String inner = name + "." + way.getKey() + ".";
        list(way.getValue(), path + "/parallel/" + way.getKey(), inner, seen);
      }
    } else if (work instanceof Step.Wait wait && wait.until() != null) {
      values.value(wait.until(), path + "/wait/until");
    } else if (work instanceof Step.Approve approve) {
      values.text(approve.message(), path + "/approve/message");
    } else if (work instanceof Step.Nested nested) {
      nested(nested, path, name, values);
    }
  }

  private void branch(Step.Branch branch, String path, String name, Seen seen, ValueCheck values) {
    values.expression(branch.when(), path + "/branch/when");
    list(branch.then(), path + "/branch/then", name + ".then.", seen);
    list(branch.otherwise(), path + "/branch/else", name + ".else.", seen);
  }

  private void action(Step.Action action, String path, String name, ValueCheck values) {
    values.value(action.with(), path + "/with");
    Palette.Offer offer = offer(action.plugin(), action.action(), path + "/action", name);
    if (offer != null && offer.input() != null) {
      values.fits(action.with(), offer.input(), path + "/with");
    }
  }

  /** Returns null, and says so, when there is no such action. */
  private Palette.Offer offer(String plugin, String action, String path, String step) {
    Optional<Palette.Offer> offer = palette.offer(plugin, action);
    if (offer.isEmpty()) {
      boolean known = palette.plugins().contains(plugin);
      Set<String> names = known ? palette.actions(plugin) : palette.plugins();
      String what = known ? "The plugin %s has no action".formatted(plugin) : "There is no plugin";
      String wrong = known ? action : plugin;
      findings.add(
          new Finding(
              path,
              step,
              known ? "unknown_action" : "unknown_plugin",
              "%s %s: %s"
                  .formatted(
                      what,
                      wrong,
                      Nearest.of(wrong, names)
                          .map(near -> "do you mean %s?".formatted(near))
                          .orElse("there are " + String.join(", ", names)))));
      return null;
    }
    if (!offer.get().ready()) {
      findings.add(new Finding(path, step, "not_ready", offer.get().whyNot(), true));
    }
    return offer.get();
  }

  private void model(Step.Model model, String path, String name, ValueCheck values) {
    values.text(model.model(), path + "/model");
    values.text(model.system(), path + "/system");
    for (Step.Model.Message message : model.messages()) {
      values.text(message.content(), path + "/prompt");
    }
    schema(model.answer(), path + "/answer", name);
    for (Step.Model.Tool tool : model.tools()) {
      offer(tool.plugin(), tool.action(), path + "/tools", name);
    }
    if (!Texts.isTemplate(model.model()) && !palette.servesModel(model.model())) {
      findings.add(
          new Finding(
              path + "/model",
              name,
              "unknown_model",
              "No key serves the model %s now: choose one of GET /api/v1/models"
                  .formatted(model.model()),
              true));
    }
  }

  private void nested(Step.Nested nested, String path, String name, ValueCheck values) {
    values.value(nested.with(), path + "/with");
    Optional<Definition> other = palette.pipeline(nested.pipeline());
    if (other.isEmpty()) {
      findings.add(
          new Finding(
              path + "/pipeline",
              name,
              "unknown_pipeline",
              "There is no pipeline %s that you may run".formatted(nested.pipeline()),
              true));
    } else if (other.get().input() != null) {
      values.fits(nested.with(), other.get().input(), path + "/with");
    }
  }

  private void schema(JsonNode schema, String path, String step) {
    if (schema == null) {
      return;
    }
    try {
      ConfigSchema.of(schema.toString());
    } catch (RuntimeException e) {
      // The library has many exceptions for a schema that it does not understand.
      findings.add(
          new Finding(path, step, "bad_schema", "This is no JSON Schema: " + firstLine(e)));
    }
  }

  private static String firstLine(RuntimeException e) {
    String said = e.getMessage() == null ? "it cannot be read" : e.getMessage();
    return said.lines().findFirst().orElse("it cannot be read");
  }

  private void circles(Definition definition, List<String> way) {
    for (String name : definition.pipelines()) {
      List<String> longer = new ArrayList<>(way);
      longer.add(name);
      if (way.contains(name)) {
        findings.add(
            new Finding(
                "/steps",
                null,
                "circle",
                "These pipelines run one another in a circle: " + String.join(" → ", longer)));
        return;
      }
      if (longer.size() > PipelineLimits.DEPTH) {
        findings.add(
            new Finding(
                "/steps",
                null,
                "too_deep",
                "Pipelines may run one another %d deep, and these are deeper: %s"
                    .formatted(PipelineLimits.DEPTH, String.join(" → ", longer))));
        return;
      }
      palette.pipeline(name).ifPresent(other -> circles(other, longer));
    }
  }
}

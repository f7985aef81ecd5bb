package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.language.ContextCheck.Place;
import io.mimir.pipeline.service.language.Palette.Offer;
import io.mimir.pipeline.service.language.Step.Model.Tool;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Looks at a definition whose form is right: whether what it names is there and what it gives can
 * fit. Values that only a run can tell count as right.
 */
public final class DefinitionCheck {

  private final Definition definition;
  private final Palette palette;
  private final List<Finding> findings = new ArrayList<>();
  private final ContextCheck context;
  private final SchemaCheck schemas;
  private final PipelineCircles circles;
  private final Map<String, String> all = new HashMap<>();

  private DefinitionCheck(Definition definition, Palette palette, Expressions expressions) {
    this.definition = definition;
    this.palette = palette;
    this.context = new ContextCheck(expressions, findings);
    this.schemas = new SchemaCheck(context);
    this.circles = new PipelineCircles(definition, palette);
  }

  /**
   * Tells everything that is wrong.
   *
   * @return in the order of the steps; empty when the pipeline may be kept and run
   */
  public static List<Finding> check(
      Definition definition, Palette palette, Expressions expressions) {
    DefinitionCheck check = new DefinitionCheck(definition, palette, expressions);
    check.all();
    return List.copyOf(check.findings);
  }

  private void all() {
    collect(definition.steps(), null);
    JsonNode input = definition.input();
    Place place = new Place("/input", null);
    if (input != null && schemas.schema(input, place)) {
      JsonNode type = input.path("type");
      if (!type.isMissingNode() && !type.asText().equals("object")) {
        context.tell(place.in("type"), "bad_schema", "The input of a pipeline is an object.");
      }
    }
    Sight sight = new Sight(Set.of(), false, input, all);
    Sight end = steps(definition.steps(), new Place("/steps", null), sight);
    if (definition.output() != null) {
      context.value(definition.output(), new Place("/output", null), end);
    }
  }

  private void collect(List<Step> steps, String around) {
    for (Step step : steps) {
      String path = around == null ? step.name() : around + "." + step.name();
      all.put(step.name(), path);
      step.work().lists().forEach(list -> collect(list, path));
    }
  }

  /** Looks at a list, and gives what is seen behind it. */
  private Sight steps(List<Step> steps, Place list, Sight before) {
    Sight sight = before;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      Place place = new Place(list.path() + "/" + i, all.get(step.name()));
      if (step.when() != null) {
        context.expression(step.when(), true, place.in("when"), sight);
        constant(step.when(), "false", "This step is never done", place.in("when"));
      }
      goTo(step, steps, i, place);
      work(step.work(), place, sight);
      sight = sight.after(step.name());
    }
    return sight;
  }

  private void constant(String when, String value, String what, Place place) {
    if (when.strip().equals(value)) {
      context.tell(
          place, "unreachable", what + ", as the condition is always " + value + ". Take it out.");
    }
  }

  private void goTo(Step step, List<Step> steps, int index, Place place) {
    String to = step.onError().to();
    if (to == null) {
      return;
    }
    List<String> later = steps.subList(index + 1, steps.size()).stream().map(Step::name).toList();
    if (!later.contains(to)) {
      context.tell(
          place.in("on_error").in("go_to"),
          "bad_go_to",
          "go_to names a later step of the same list, and "
              + Fields.shown(to)
              + " is none."
              + Names.didYouMean(to, later));
    }
  }

  private void work(Step.Work work, Place place, Sight sight) {
    if (work instanceof Step.Action action) {
      action(action, place, sight);
    } else if (work instanceof Step.Model model) {
      model(model, place, sight);
    } else if (work instanceof Step.Branch branch) {
      branch(branch, place.in("branch"), sight);
    } else if (work instanceof Step.Each each) {
      over(each.over(), place.in("each").in("over"), sight);
      steps(each.steps(), place.in("each").in("steps"), sight.each());
    } else if (work instanceof Step.Parallel parallel) {
      parallel.ways().forEach((name, way) -> steps(way, place.in("parallel").in(name), sight));
    } else if (work instanceof Step.Wait wait && wait.until() != null) {
      until(wait.until(), place.in("wait").in("until"), sight);
    } else if (work instanceof Step.Approve approve) {
      context.text(approve.message(), place.in("approve").in("message"), sight);
    } else if (work instanceof Step.Nested nested) {
      nested(nested, place, sight);
    }
  }

  private void action(Step.Action action, Place place, Sight sight) {
    context.value(action.with(), place.in("with"), sight);
    Optional<Offer> offer = offer(action.plugin(), action.action(), place.in("action"));
    if (offer.isPresent() && action.with() instanceof ObjectNode with) {
      String whose = action.plugin() + "." + action.action();
      schemas.fits(with, offer.get().input(), whose, place.in("with"));
    }
  }

  private Optional<Offer> offer(String plugin, String action, Place place) {
    if (!palette.plugins().contains(plugin)) {
      context.tell(
          place,
          "unknown_plugin",
          "There is no plugin "
              + Fields.shown(plugin)
              + "."
              + Names.didYouMean(plugin, palette.plugins()));
      return Optional.empty();
    }
    Optional<Offer> offer = palette.offer(plugin, action);
    if (offer.isEmpty()) {
      Set<String> actions = palette.actions(plugin);
      context.tell(
          place,
          "unknown_action",
          "The plugin "
              + plugin
              + " has no action "
              + Fields.shown(action)
              + "."
              + Names.nearest(action, actions)
                  .map(near -> " Did you mean " + near + "?")
                  .orElse(
                      " It has " + String.join(", ", actions.stream().sorted().toList()) + "."));
    } else if (!offer.get().ready()) {
      context.tell(place, "not_ready", offer.get().whyNot());
    }
    return offer;
  }

  private void model(Step.Model model, Place place, Sight sight) {
    context.text(model.model(), place.in("model"), sight);
    if (!Texts.isTemplate(model.model()) && !palette.servesModel(model.model())) {
      context.tell(
          place.in("model"),
          "unknown_model",
          "No key that may be used here serves the model "
              + Fields.shown(model.model())
              + ". Choose another one, or add a key for it.");
    }
    if (model.system() != null) {
      context.text(model.system(), place.in("system"), sight);
    }
    List<Step.Model.Message> messages = model.messages();
    for (int i = 0; i < messages.size(); i++) {
      Place at =
          messages.size() == 1 ? place.in("prompt") : place.in("messages").in(i).in("content");
      context.text(messages.get(i).content(), at, sight);
    }
    if (model.answer() != null) {
      schemas.schema(model.answer(), place.in("answer"));
    }
    for (int i = 0; i < model.tools().size(); i++) {
      Tool tool = model.tools().get(i);
      offer(tool.plugin(), tool.action(), place.in("tools").in(i));
    }
  }

  private void branch(Step.Branch branch, Place place, Sight sight) {
    context.expression(branch.when(), true, place.in("when"), sight);
    constant(branch.when(), "false", "The steps of then are never done", place.in("when"));
    if (!branch.otherwise().isEmpty()) {
      constant(branch.when(), "true", "The steps of else are never done", place.in("when"));
    }
    steps(branch.then(), place.in("then"), sight);
    steps(branch.otherwise(), place.in("else"), sight);
  }

  private void over(JsonNode over, Place place, Sight sight) {
    context.value(over, place, sight);
    boolean literalList = over.path(Values.LITERAL).isArray();
    boolean open = over.isObject() && Values.special(over) != null && !over.has(Values.LITERAL);
    if (!over.isArray() && !literalList && !open) {
      context.tell(
          place,
          "wrong_type",
          "over has to be a list, and is "
              + Fields.kind(over)
              + ". Take one with {\"$pointer\": …} or {\"$cel\": …}.");
    }
  }

  private void until(JsonNode until, Place place, Sight sight) {
    context.value(until, place, sight);
    boolean open = until.isObject() && Values.special(until) != null;
    boolean template = until.isTextual() && Texts.isTemplate(until.textValue());
    if (!open && !template && !isTime(until)) {
      context.tell(
          place,
          "wrong_value",
          "until has to be a time with its zone, such as \"2026-01-31T08:00:00Z\".");
    }
  }

  private static boolean isTime(JsonNode value) {
    try {
      return value.isTextual() && OffsetDateTime.parse(value.textValue()) != null;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private void nested(Step.Nested nested, Place place, Sight sight) {
    context.value(nested.with(), place.in("with"), sight);
    circles
        .problem(nested.pipeline())
        .ifPresent(
            problem -> context.tell(place.in("pipeline"), problem.code(), problem.message()));
    Optional<Definition> other = palette.pipeline(nested.pipeline());
    if (other.isPresent() && nested.with() instanceof ObjectNode with) {
      schemas.fits(
          with, other.get().input(), "The pipeline " + nested.pipeline(), place.in("with"));
    }
  }
}

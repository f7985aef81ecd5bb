package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Looks at texts, pointers and expressions: whether they can be read, and what they name. */
final class ContextCheck {

  private static final Set<String> FACTS = new TreeSet<>(List.of("id", "started_at", "pipeline"));

  private final Expressions expressions;
  private final List<Finding> findings;

  ContextCheck(Expressions expressions, List<Finding> findings) {
    this.expressions = expressions;
    this.findings = findings;
  }

  /** A place in a definition. */
  record Place(String path, String step) {

    Place in(String name) {
      return new Place(Fields.pointer(path, name), step);
    }

    Place in(int index) {
      return new Place(path + "/" + index, step);
    }
  }

  void tell(Place place, String code, String message) {
    findings.add(new Finding(place.path(), place.step(), code, message));
  }

  void expression(String text, boolean condition, Place place, Sight sight) {
    List<String> problems = expressions.problems(text, sight.all().keySet(), condition);
    problems.forEach(problem -> tell(place, "bad_expression", problem));
    if (!problems.isEmpty()) {
      return;
    }
    try {
      references(expressions.references(text), place, sight, true);
    } catch (ValueException e) {
      tell(place, e.code(), e.getMessage());
    }
  }

  /** Looks at a text; one that is no template is left as it is. */
  void text(String text, Place place, Sight sight) {
    if (!Texts.isTemplate(text)) {
      return;
    }
    try {
      Texts.Named named = Texts.named(text);
      for (Reference reference : named.sure()) {
        if (CelEnvironment.VARIABLES.contains(reference.root())) {
          references(List.of(reference), place, sight, false);
        } else {
          unknown(reference.root(), "a text", place, sight);
        }
      }
      // A member of the section's own element may have the name of a variable, but not of a step.
      references(
          named.within().stream()
              .filter(each -> CelEnvironment.VARIABLES.contains(each.root()))
              .filter(each -> each.path().size() > 1)
              .toList(),
          place,
          sight,
          false);
    } catch (ValueException e) {
      tell(place, e.code(), e.getMessage());
    }
  }

  /** Looks at a value template, as {@link Values} takes it. */
  void value(JsonNode value, Place place, Sight sight) {
    if (value.isTextual()) {
      text(value.textValue(), place, sight);
      plain(value.textValue(), place, sight);
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        value(value.get(i), place.in(i), sight);
      }
    } else if (value.isObject()) {
      object(value, place, sight);
    }
  }

  /** A name without its braces would go out as it stands, which nobody wants and all overlook. */
  private void plain(String text, Place place, Sight sight) {
    boolean named =
        sight.steps().stream().anyMatch(step -> text.matches("steps\\." + step + "(\\.[\\w-]+)*"));
    if (named) {
      tell(
          place,
          "plain_text",
          "This is taken as plain text. Write {{"
              + text
              + "}} for its value in a text, or {\"$literal\": …} when the text itself is meant.");
    }
  }

  private void object(JsonNode object, Place place, Sight sight) {
    String special = Values.special(object);
    if (special == null) {
      for (var member : object.properties()) {
        if (List.of(Values.POINTER, Values.CEL, Values.LITERAL).contains(member.getKey())) {
          tell(
              place.in(member.getKey()),
              "not_alone",
              member.getKey() + " stands alone in its object. Take the other members out.");
        }
        value(member.getValue(), place.in(member.getKey()), sight);
      }
      return;
    }
    JsonNode value = object.get(special);
    Place inner = place.in(special);
    if (special.equals(Values.LITERAL)) {
      return;
    }
    if (!special.equals(Values.CEL) && !special.equals(Values.POINTER)) {
      tell(
          inner,
          "unknown_member",
          "There is no "
              + Fields.shown(special)
              + ": known are $pointer, $cel and $literal, which takes anything as it is.");
    } else if (!value.isTextual()) {
      tell(inner, "wrong_type", special + " has to be a text, and is " + Fields.kind(value) + ".");
    } else if (special.equals(Values.CEL)) {
      expression(value.textValue(), false, inner, sight);
    } else {
      pointer(value.textValue(), inner, sight);
    }
  }

  private void pointer(String text, Place place, Sight sight) {
    try {
      List<String> path = new ArrayList<>();
      for (JsonPointer at = Values.pointer(text); !at.matches(); at = at.tail()) {
        path.add(at.getMatchingProperty());
      }
      if (path.isEmpty() || !CelEnvironment.VARIABLES.contains(path.get(0))) {
        unknown(path.isEmpty() ? "name" : path.get(0), "a pointer", place, sight);
      } else {
        references(List.of(new Reference(path)), place, sight, false);
      }
    } catch (ValueException e) {
      tell(place, e.code(), e.getMessage());
    }
  }

  private void unknown(String name, String what, Place place, Sight sight) {
    String help =
        sight.steps().contains(name)
            ? " The result of the step of this name is at steps " + name + "."
            : Names.didYouMean(name, CelEnvironment.VARIABLES);
    tell(
        place,
        "unknown_name",
        "There is no "
            + Fields.shown(name)
            + " here: "
            + what
            + " sees input, steps, item, index and run."
            + help);
  }

  /**
   * @param whole whether {@code steps} and nothing behind it is a value
   */
  private void references(List<Reference> references, Place place, Sight sight, boolean whole) {
    for (Reference reference : references) {
      switch (reference.root()) {
        case "steps" -> steps(reference, place, sight, whole);
        case "item", "index" -> item(reference, place, sight);
        case "input" -> input(reference, place, sight);
        case "run" -> run(reference, place);
        default -> {
          // Only the roots get here.
        }
      }
    }
  }

  private void steps(Reference reference, Place place, Sight sight, boolean whole) {
    String step = reference.step();
    if (step == null) {
      if (!whole) {
        tell(
            place, "unknown_name", "steps has the results of steps: say which one, as steps.name.");
      }
    } else if (!sight.steps().contains(step)) {
      tell(place, "unknown_step", unseen(step, place, sight));
    }
  }

  private static String unseen(String step, Place place, Sight sight) {
    String path = sight.all().get(step);
    if (path == null) {
      return "There is no step "
          + Fields.shown(step)
          + " before this one."
          + Names.didYouMean(step, sight.steps());
    }
    if (path.equals(place.step()) || (place.step() + ".").startsWith(path + ".")) {
      return "The step " + step + " has no result yet: it is the one that asks for it.";
    }
    int dot = path.lastIndexOf('.');
    String around = dot < 0 ? null : path.substring(0, dot);
    boolean inside = around != null && !(place.step() + ".").startsWith(around + ".");
    return inside
        ? "The step "
            + step
            + " is inside of "
            + around
            + " and not seen from here. Take the"
            + " result of "
            + around.replaceFirst("\\..*", "")
            + " instead."
        : "The step " + step + " comes later than this one, so its result is not there yet.";
  }

  private void item(Reference reference, Place place, Sight sight) {
    if (!sight.inEach()) {
      tell(
          place,
          "unknown_name",
          "There is no " + reference.root() + " here: it is there within an each only.");
    }
  }

  private void input(Reference reference, Place place, Sight sight) {
    JsonNode schema = sight.input();
    for (int i = 1; i < reference.path().size() && schema != null; i++) {
      String name = reference.path().get(i);
      JsonNode known = schema.path("properties");
      boolean closed =
          schema.path("additionalProperties").isBoolean()
              && !schema.path("additionalProperties").booleanValue()
              && !schema.has("patternProperties");
      if (closed && !known.has(name)) {
        Set<String> names = new TreeSet<>();
        known.fieldNames().forEachRemaining(names::add);
        tell(
            place,
            "unknown_name",
            "The schema of the input has no "
                + Fields.shown(String.join(".", reference.path().subList(1, i + 1)))
                + "."
                + Names.didYouMean(name, names));
      }
      schema = known.get(name);
    }
  }

  private void run(Reference reference, Place place) {
    String fact = reference.path().size() > 1 ? reference.path().get(1) : "id";
    if (!FACTS.contains(fact)) {
      tell(
          place,
          "unknown_name",
          "run has " + String.join(", ", FACTS) + ", and no " + Fields.shown(fact) + ".");
    }
  }
}

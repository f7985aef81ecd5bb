package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.pipeline.web.FormField.Shape;
import io.mimir.web.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The fields that a step has: those of its kind, and those that all steps have. */
final class StepFields {

  private static final String GO_TO = "go_to";
  private static final String STOP = "stop";

  private final JsonNode step;
  private final Known known;
  private final List<FormField> fields = new ArrayList<>();

  /**
   * What is known around a step.
   *
   * @param input the schema of what it is given; null for none
   * @param later the steps after it in its list
   * @param models that can be asked
   * @param pipelines that can be run
   */
  record Known(JsonNode input, List<String> later, List<String> models, List<String> pipelines) {}

  private StepFields(JsonNode step, Known known) {
    this.step = step;
    this.known = known;
  }

  /** The fields of the pipeline itself. */
  static List<FormField> ofPipeline(JsonNode definition) {
    StepFields form = new StepFields(definition, new Known(null, List.of(), List.of(), List.of()));
    form.add("name", "/name", Shape.LINE, true);
    form.add("description", "/description", Shape.LINES, false);
    form.add("input", "/input", Shape.JSON, false);
    form.add("output", "/output", Shape.VALUE, false);
    form.add("limits.timeout", "/limits/timeout", Shape.LINE, false);
    form.add("limits.tokens", "/limits/tokens", Shape.NUMBER, false);
    form.add("limits.concurrency", "/limits/concurrency", Shape.NUMBER, false);
    return form.fields;
  }

  /** The fields of a step. */
  static List<FormField> of(JsonNode step, Known known) {
    StepFields form = new StepFields(step, known);
    form.add("step", "/name", Shape.LINE, true);
    form.work(StepKind.of(step));
    return form.fields;
  }

  private void work(StepKind kind) {
    switch (kind) {
      case ACTION -> with();
      case MODEL -> model();
      case BRANCH -> add("condition", "/branch/when", Shape.LINE, true);
      case EACH -> {
        add("over", "/each/over", Shape.VALUE, true);
        add("parallel", "/each/parallel", Shape.NUMBER, false);
      }
      case PARALLEL -> add("ways", "/parallel", Shape.WAYS, true);
      case WAIT -> {
        add("for", "/wait/for", Shape.LINE, false);
        add("until", "/wait/until", Shape.VALUE, false);
      }
      case APPROVE -> {
        add("role", "/approve/role", Shape.CHOICE, true, List.of("admin", "auditor", "user"));
        add("message", "/approve/message", Shape.LINES, true);
      }
      case PIPELINE -> {
        add("pipeline", "/pipeline", Shape.LINE, true, known.pipelines());
        with();
      }
      case NONE -> {}
    }
    for (FormField one : more(kind)) {
      fields.add(one);
    }
  }

  private List<FormField> more(StepKind kind) {
    StepFields more = new StepFields(step, known);
    more.add("when", "/when", Shape.LINE, false);
    List<String> ways = new ArrayList<>(List.of(STOP, "continue"));
    known.later().forEach(name -> ways.add(GO_TO + " " + name));
    more.add("on_error", "/on_error", Shape.CHOICE, false, ways);
    more.add("timeout", "/timeout", Shape.LINE, false);
    if (kind == StepKind.ACTION || kind == StepKind.MODEL) {
      more.add("retry.times", "/retry/times", Shape.NUMBER, false);
      more.add("retry.delay", "/retry/delay", Shape.LINE, false);
      more.add("retry.factor", "/retry/factor", Shape.NUMBER, false);
      more.add("retry.max_delay", "/retry/max_delay", Shape.LINE, false);
      more.add("retry.on", "/retry/on", Shape.LIST, false);
    }
    return more.fields;
  }

  private void model() {
    add("model", "/model", Shape.LINE, true, known.models());
    add("system", "/system", Shape.LINES, false);
    if (step.has("messages")) {
      add("messages", "/messages", Shape.JSON, true);
    } else {
      add("prompt", "/prompt", Shape.LINES, true);
    }
    add("answer", "/answer", Shape.JSON, false);
    add("max_tokens", "/max_tokens", Shape.NUMBER, false);
    add("tools", "/tools", Shape.LIST, false);
    add("rounds", "/rounds", Shape.NUMBER, false);
  }

  /** The members of what an action or a pipeline is given, each by its schema. */
  private void with() {
    JsonNode given = step.path("with");
    JsonNode known = this.known.input();
    boolean whole = given.size() == 1 && given.fieldNames().next().startsWith("$");
    JsonNode properties = known == null ? null : known.path("properties");
    if (whole || properties == null || properties.isEmpty() && given.isEmpty()) {
      add("with", "/with", Shape.VALUE, false);
      return;
    }
    TreeSet<String> required = new TreeSet<>();
    known.path("required").forEach(one -> required.add(one.asText()));
    properties
        .properties()
        .forEach(one -> member(one.getKey(), one.getValue(), required.contains(one.getKey())));
    given
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!properties.has(name)) {
                member(name, RunJson.object(), false);
              }
            });
  }

  private void member(String name, JsonNode schema, boolean required) {
    String member = "/with/" + name.replace("~", "~0").replace("/", "~1");
    List<String> options = new ArrayList<>();
    schema.path("enum").forEach(one -> options.add(one.asText()));
    String type = schema.path("type").asText("string");
    if (type.equals("boolean")) {
      options.addAll(List.of("true", "false"));
    }
    String usual = type.equals("string") ? "text" : "json";
    JsonNode value = step.at(member);
    String mode = FieldText.mode(value, usual);
    String help = schema.path("description").asText("");
    if (!options.isEmpty()) {
      help = (help + " " + Texts.of("step.options", String.join(", ", options))).strip();
    }
    fields.add(
        new FormField(
            id(member),
            member,
            Shape.VALUE,
            schema.path("title").asText(name),
            help.isEmpty() ? null : help,
            required,
            options,
            mode,
            FieldText.shown(Shape.VALUE, mode, value),
            null));
  }

  private void add(String text, String member, Shape shape, boolean required) {
    add(text, member, shape, required, List.of());
  }

  private void add(
      String text, String member, Shape shape, boolean required, List<String> options) {
    JsonNode value = step.at(member);
    String mode = shape == Shape.VALUE ? FieldText.mode(value, usualMode(member)) : null;
    fields.add(
        new FormField(
            id(member),
            member,
            shape,
            Texts.of("pipeline.field." + text),
            Texts.of("pipeline.field." + text + ".help"),
            required,
            options,
            mode,
            member.equals("/on_error") ? shownOnError(value) : FieldText.shown(shape, mode, value),
            null));
  }

  private static String usualMode(String member) {
    return switch (member) {
      case "/each/over" -> "pointer";
      case "/with" -> "json";
      default -> "text";
    };
  }

  /** Ids of inputs have letters, digits and hyphens only, whatever an action calls its members. */
  private static String id(String member) {
    StringBuilder id = new StringBuilder("field");
    member
        .codePoints()
        .forEach(
            c -> {
              boolean plain = c < 128 && (Character.isLetterOrDigit(c) || c == '_');
              id.append(c == '/' ? "-" : plain ? Character.toString(c) : "--" + c);
            });
    return id.toString();
  }

  private static String shownOnError(JsonNode value) {
    return value.has(GO_TO) ? GO_TO + " " + value.path(GO_TO).asText() : value.asText("");
  }

  /** Puts in what was chosen for {@code on_error}; what is usual is left out. */
  static void putOnError(ObjectNode step, JsonNode chosen) {
    String what = chosen == null ? STOP : chosen.asText();
    if (what.startsWith(GO_TO + " ")) {
      step.putObject("on_error").put(GO_TO, what.substring(GO_TO.length() + 1));
    } else if (what.equals(STOP)) {
      step.remove("on_error");
    } else {
      step.put("on_error", what);
    }
  }
}

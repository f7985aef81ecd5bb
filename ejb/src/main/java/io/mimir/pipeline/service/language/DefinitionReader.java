package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.PipelineLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads definitions from JSON, and tells all that is wrong with their form at once. */
public final class DefinitionReader {

  static final Duration SECOND = Duration.ofSeconds(1);
  static final Duration DAY = Duration.ofDays(1);

  /** The rules of a plugin's name. */
  public static final Pattern PIPELINE = Pattern.compile("[a-z][a-z0-9_-]{1,63}");

  private static final Pattern STEP = Pattern.compile("[a-z][a-z0-9_-]{0,63}");

  private static final String PIPELINE_RULE =
      "has 2 to 64 small letters, digits, hyphens and underscores, and begins with a letter";
  private static final String STEP_RULE =
      "has 1 to 64 small letters, digits, hyphens and underscores, and begins with a letter";

  private static final int LONGEST_DESCRIPTION = 4096;

  private final List<Finding> findings = new ArrayList<>();
  private final Map<String, String> names = new HashMap<>();
  private int steps;

  private DefinitionReader() {}

  /**
   * What was read.
   *
   * @param definition null when it cannot be used as it is
   * @param findings what is wrong with the form, in the order of the document
   */
  public record Reading(Definition definition, List<Finding> findings) {}

  /** Reads a definition. */
  public static Reading read(JsonNode json) {
    DefinitionReader reader = new DefinitionReader();
    Definition definition = null;
    if (json instanceof ObjectNode object) {
      definition = reader.definition(object);
    } else {
      reader.findings.add(
          new Finding("", null, "wrong_type", "A pipeline is an object with name and steps"));
    }
    List<Finding> found = List.copyOf(reader.findings);
    return new Reading(found.isEmpty() ? definition : null, found);
  }

  private Definition definition(ObjectNode json) {
    Form form = new Form(json, "", null, findings);
    String name = form.matching("name", PIPELINE, PIPELINE_RULE);
    String description = form.text("description", LONGEST_DESCRIPTION);
    ObjectNode input = form.object("input");
    Definition.Limits limits = limits(form.form("limits"));
    List<Step> list = steps(form, "steps", "", 1, true);
    JsonNode output = form.any("output");
    form.tellUnknown();
    if (!findings.isEmpty()) {
      return null;
    }
    return new Definition(
        name, description == null ? "" : description, input, list, output, limits);
  }

  private static Definition.Limits limits(Form form) {
    Definition.Limits usual = Definition.Limits.DEFAULT;
    if (form == null) {
      return usual;
    }
    Duration timeout = form.duration("timeout", SECOND, Duration.ofDays(7));
    Long tokens = form.number("tokens", 1, 1_000_000_000_000L);
    int concurrency = form.number("concurrency", 1, PipelineLimits.RUNNING, usual.concurrency());
    form.tellUnknown();
    return new Definition.Limits(timeout == null ? usual.timeout() : timeout, tokens, concurrency);
  }

  /**
   * Reads a list of steps.
   *
   * @param prefix of the paths of these steps
   * @param depth how deep they lie, from 1 on
   * @param needed whether there has to be one
   */
  List<Step> steps(Form form, String name, String prefix, int depth, boolean needed) {
    JsonNode list = form.list(name);
    if (list == null || list.isEmpty()) {
      if (needed && (list != null || !form.has(name))) {
        form.wrong(name, "missing", "%s is missing: give at least one step".formatted(name));
      }
      return List.of();
    }
    if (depth > PipelineLimits.DEPTH) {
      form.wrong(
          name,
          "too_deep",
          "Steps may lie in one another %d deep: move some into a pipeline of their own"
              .formatted(PipelineLimits.DEPTH));
      return List.of();
    }
    List<Step> read = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String path = form.path(name) + "/" + i;
      if (++steps == PipelineLimits.STEPS + 1) {
        form.wrong(
            name,
            "too_many_steps",
            "A pipeline has at most %d steps: move some into a pipeline of their own"
                .formatted(PipelineLimits.STEPS));
      }
      if (steps > PipelineLimits.STEPS) {
        return read;
      }
      if (list.get(i) instanceof ObjectNode json) {
        read.add(step(json, path, prefix, depth));
      } else {
        findings.add(
            new Finding(path, null, "wrong_type", "A step is an object with a name and its work"));
      }
    }
    return read;
  }

  private Step step(ObjectNode json, String path, String prefix, int depth) {
    String own = json.path("name").asText("");
    String step = prefix + own;
    Form form = new Form(json, path, step, findings);
    String name = form.matching("name", STEP, STEP_RULE);
    if (name != null) {
      String before = names.putIfAbsent(name, step);
      if (before != null) {
        form.wrong(
            "name",
            "name_taken",
            "There is another step %s: each name is used once in a pipeline".formatted(name));
      }
    }
    String when = form.text("when", Expressions.LONGEST);
    Step.Retry retry = retry(form.form("retry"));
    Duration timeout = form.duration("timeout", SECOND, DAY);
    Step.OnError onError = onError(form);
    Step.Work work = new WorkReader(this, form, step, depth).read();
    form.tellUnknown();
    if (work != null && !(work instanceof Step.Action || work instanceof Step.Model)) {
      refuseRetry(form);
    }
    return new Step(name == null ? own : name, when, retry, timeout, onError, work);
  }

  private static void refuseRetry(Form form) {
    if (form.has("retry")) {
      form.wrong(
          "retry",
          "not_here",
          "Only actions and models are tried again: give retry to the steps within this one");
    }
  }

  private static Step.Retry retry(Form form) {
    Step.Retry usual = Step.Retry.NONE;
    if (form == null) {
      return usual;
    }
    int times = form.number("times", 0, 20, 1);
    Duration delay = form.duration("delay", Duration.ZERO, DAY);
    JsonNode factor = form.any("factor");
    if (factor != null
        && !(factor.isNumber() && factor.doubleValue() >= 1 && factor.doubleValue() <= 10)) {
      form.wrong("factor", "invalid", "factor is a number from 1 to 10");
    }
    Duration most = form.duration("max_delay", Duration.ZERO, DAY);
    JsonNode on = form.list("on");
    List<String> reasons = new ArrayList<>();
    if (on != null) {
      for (JsonNode reason : on) {
        if (reason.isTextual()) {
          reasons.add(reason.textValue());
        } else {
          form.wrong("on", "wrong_type", "on is a list of codes such as timeout or rate_limited");
        }
      }
    }
    form.tellUnknown();
    return new Step.Retry(
        times,
        delay == null ? usual.delay() : delay,
        factor == null ? usual.factor() : factor.doubleValue(),
        most == null ? usual.most() : most,
        Set.copyOf(reasons));
  }

  private static Step.OnError onError(Form form) {
    JsonNode said = form.any("on_error");
    if (said == null || said.isTextual() && said.textValue().equals("stop")) {
      return Step.OnError.STOP;
    }
    if (said.isTextual() && said.textValue().equals("continue")) {
      return Step.OnError.CONTINUE;
    }
    if (said.isObject() && said.size() == 1 && said.path("go_to").isTextual()) {
      return new Step.OnError(Step.OnError.Kind.GO_TO, said.get("go_to").textValue());
    }
    form.wrong(
        "on_error",
        "invalid",
        "on_error is stop, continue, or {\"go_to\": \"the name of a later step\"}");
    return Step.OnError.STOP;
  }
}

package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.PipelineLimits;
import io.mimir.pipeline.service.language.Step.OnError;
import io.mimir.pipeline.service.language.Step.Retry;
import io.mimir.pipeline.service.language.Step.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the steps of one definition, what all of them have in common. */
final class StepReader {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
  private static final Pattern REASON = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,63}");
  private static final Duration DAY = Duration.ofDays(1);
  private static final int MAX_REASONS = 50;

  private final List<Finding> findings;
  private final Map<String, String> places = new HashMap<>();
  private int count;
  private boolean broken;

  StepReader(List<Finding> findings) {
    this.findings = findings;
  }

  /** Tells whether a step could not be read at all, so that nothing true can be said of others. */
  boolean isBroken() {
    return broken;
  }

  List<Step> topSteps(Fields pipeline) {
    if (!pipeline.has("steps")) {
      pipeline.missing("steps", "a list with at least one step");
    }
    return steps(pipeline, "steps", 1, true);
  }

  /**
   * Reads a list of steps.
   *
   * @param depth how deep they are, 1 for those of the pipeline itself
   * @param needed whether an empty list is wrong
   */
  List<Step> steps(Fields parent, String member, int depth, boolean needed) {
    ArrayNode list = parent.list(member).orElse(null);
    if (list == null) {
      broken |= parent.has(member);
      return List.of();
    }
    if (list.isEmpty() && needed) {
      parent.tell(member, "empty", shown(member) + " has no step. Give at least one.");
    }
    if (depth > PipelineLimits.DEPTH) {
      parent.tell(
          member, "too_deep", "Steps are at most 8 deep within steps: use a pipeline step.");
      broken = true;
      return List.of();
    }
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < list.size() && countsOne(parent, member); i++) {
      step(list.get(i), parent.at(member) + "/" + i, parent.step(), depth).ifPresent(steps::add);
    }
    return steps;
  }

  private static String shown(String member) {
    return member.equals("steps") ? "The list" : Fields.shown(member);
  }

  private boolean countsOne(Fields parent, String member) {
    if (++count == PipelineLimits.STEPS + 1) {
      parent.tell(
          member,
          "too_many_steps",
          "A pipeline has at most 200 steps, those within steps included: move some into a pipeline"
              + " of their own.");
      broken = true;
    }
    return count <= PipelineLimits.STEPS;
  }

  private Optional<Step> step(JsonNode node, String path, String parent, int depth) {
    if (!(node instanceof ObjectNode object)) {
      findings.add(
          new Finding(
              path,
              parent,
              "wrong_type",
              "A step is an object with a name and what it does, and this is "
                  + Fields.kind(node)
                  + "."));
      broken = true;
      return Optional.empty();
    }
    String name = name(new Fields(object, path, parent, findings));
    String whole = name == null ? parent : parent == null ? name : parent + "." + name;
    Fields fields = new Fields(object, path, whole, findings);
    Work work = new WorkReader(this, depth).work(fields);
    Step step =
        new Step(
            name,
            condition(fields, "when"),
            retry(fields, work),
            fields.duration("timeout", Duration.ofSeconds(1), DAY, null),
            onError(fields),
            work);
    broken |= name == null || work == null;
    return name == null || work == null ? Optional.empty() : Optional.of(step);
  }

  private String name(Fields fields) {
    String name = fields.needed("name", "the step a name of its own").orElse(null);
    if (name == null) {
      return null;
    }
    if (!NAME.matcher(name).matches()) {
      fields.tell(
          "name",
          "bad_name",
          "The name of a step has 1 to 64 characters: a small letter first, then small letters,"
              + " digits, - and _.");
      return null;
    }
    String other = places.putIfAbsent(name, fields.path());
    if (other != null) {
      fields.tell(
          "name",
          "name_taken",
          "The step at " + other + " has the name " + name + " already. Names are for one step.");
    }
    return name;
  }

  /** CEL, which may also be written as true or false; null when there is none. */
  static String condition(Fields fields, String member) {
    JsonNode value = fields.get(member);
    if (value != null && value.isBoolean()) {
      return value.asText();
    }
    String text = fields.text(member).orElse(null);
    if (text != null && text.length() > DefinitionReader.MAX_EXPRESSION_CHARS) {
      fields.tell(member, "too_long", "An expression has at most 4,096 characters.");
    }
    return text;
  }

  private Retry retry(Fields fields, Work work) {
    Fields retry = fields.object("retry").orElse(null);
    if (retry == null) {
      return Retry.NONE;
    }
    if (work instanceof Step.Wait || work instanceof Step.Approve) {
      fields.tell(
          "retry", "not_here", "A step that waits is not made again. Take retry out of it.");
    } else if (work != null && !(work instanceof Step.Action || work instanceof Step.Model)) {
      fields.tell(
          "retry",
          "not_here",
          "Only actions and models are made again. Give retry to the steps within this one.");
    }
    retry.knowOnly(List.of("times", "delay", "factor", "max_delay", "on"), "retry");
    if (!retry.has("times")) {
      retry.missing("times", "how often to try again, 1 to 20");
    }
    Retry usual = Retry.NONE;
    Duration delay = retry.duration("delay", Duration.ZERO, DAY, usual.delay());
    Duration most = retry.duration("max_delay", Duration.ZERO, DAY, longer(delay, usual.most()));
    if (most.compareTo(delay) < 0) {
      retry.tell("max_delay", "out_of_range", "max_delay has to be at least as long as delay.");
    }
    return new Retry(
        (int) retry.whole("times", 0, 20, 0), delay, factor(retry), most, reasons(retry));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static double factor(Fields retry) {
    JsonNode factor = retry.get("factor");
    if (factor == null) {
      return Retry.NONE.factor();
    }
    if (!factor.isNumber()) {
      retry.wrong("factor", factor, "a number");
      return Retry.NONE.factor();
    }
    double value = factor.doubleValue();
    if (!(value >= 1 && value <= 10)) {
      retry.tell("factor", "out_of_range", "factor has to be from 1 to 10.");
      return Retry.NONE.factor();
    }
    return value;
  }

  private static Set<String> reasons(Fields retry) {
    Set<String> reasons = new LinkedHashSet<>();
    for (JsonNode reason : retry.elements("on")) {
      if (!reason.isTextual() || !REASON.matcher(reason.textValue()).matches()) {
        retry.tell("on", "wrong_type", "on is a list of reason codes, such as \"rate_limited\".");
        return Set.of();
      }
      reasons.add(reason.textValue());
    }
    if (reasons.size() > MAX_REASONS) {
      retry.tell("on", "too_many", "on has at most 50 reason codes.");
    }
    return reasons;
  }

  private static OnError onError(Fields fields) {
    JsonNode value = fields.get("on_error");
    if (value == null) {
      return OnError.STOP;
    }
    if (value.isTextual() && value.textValue().equals("stop")) {
      return OnError.STOP;
    }
    if (value.isTextual() && value.textValue().equals("continue")) {
      return OnError.CONTINUE;
    }
    if (value.isObject() && value.size() == 1 && value.path("go_to").isTextual()) {
      return new OnError(OnError.Kind.GO_TO, value.path("go_to").textValue());
    }
    fields.tell(
        "on_error",
        "wrong_value",
        "on_error is \"stop\", \"continue\", or {\"go_to\": the name of a later step}.");
    return OnError.STOP;
  }
}

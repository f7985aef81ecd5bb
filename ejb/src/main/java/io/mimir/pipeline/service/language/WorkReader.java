package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.language.Step.Model.Message;
import io.mimir.pipeline.service.language.Step.Model.Tool;
import io.mimir.pipeline.service.language.Step.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads what a step does: exactly one of the eight kinds of work. */
final class WorkReader {

  private static final List<String> COMMON =
      List.of("name", "when", "retry", "timeout", "on_error");

  private static final Map<String, List<String>> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put("action", List.of("with"));
    KINDS.put(
        "model",
        List.of("prompt", "messages", "system", "answer", "tools", "rounds", "max_tokens"));
    KINDS.put("branch", List.of());
    KINDS.put("each", List.of());
    KINDS.put("parallel", List.of());
    KINDS.put("wait", List.of());
    KINDS.put("approve", List.of());
    KINDS.put("pipeline", List.of("with"));
  }

  private static final Pattern WAY = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
  private static final int MAX_WAYS = 64;
  private static final int MAX_TOOLS = 64;
  private static final int MAX_MESSAGES = 100;

  private final StepReader steps;
  private final int depth;

  /**
   * @param depth of the step whose work it is
   */
  WorkReader(StepReader steps, int depth) {
    this.steps = steps;
    this.depth = depth;
  }

  /** Null when there is none, or it cannot be used; that has been told then. */
  Work work(Fields fields) {
    List<String> found = KINDS.keySet().stream().filter(fields::has).toList();
    if (found.size() != 1) {
      fields.knowOnly(all(), "a step");
      fields.tell(
          found.isEmpty() ? "no_work" : "two_works",
          found.isEmpty()
              ? "The step does nothing. Give it one of " + String.join(", ", KINDS.keySet()) + "."
              : "A step does one thing, and this has "
                  + String.join(" and ", found)
                  + ". Make two steps of it.");
      return null;
    }
    String kind = found.get(0);
    knowOnly(fields, kind);
    return switch (kind) {
      case "action" -> action(fields);
      case "model" -> model(fields);
      case "branch" -> fields.object(kind).map(this::branch).orElse(null);
      case "each" -> fields.object(kind).map(this::each).orElse(null);
      case "parallel" -> fields.object(kind).map(this::parallel).orElse(null);
      case "wait" -> fields.object(kind).map(WorkReader::pause).orElse(null);
      case "approve" -> fields.object(kind).map(WorkReader::approve).orElse(null);
      default -> nested(fields);
    };
  }

  private static TreeSet<String> all() {
    TreeSet<String> all = new TreeSet<>(COMMON);
    all.addAll(KINDS.keySet());
    KINDS.values().forEach(all::addAll);
    return all;
  }

  /** A member of another kind of step is no slip of the pen, and gets a sentence of its own. */
  private static void knowOnly(Fields fields, String kind) {
    List<String> known = new ArrayList<>(COMMON);
    known.add(kind);
    known.addAll(KINDS.get(kind));
    for (var other : KINDS.entrySet()) {
      for (String member : other.getValue()) {
        if (fields.has(member) && !known.contains(member)) {
          fields.tell(
              member,
              "not_here",
              member
                  + " belongs to a step with "
                  + other.getKey()
                  + ", and this has "
                  + kind
                  + ".");
          known.add(member);
        }
      }
    }
    fields.knowOnly(known, "a step with " + kind);
  }

  private static Work action(Fields fields) {
    String whole = fields.text("action").orElse(null);
    ObjectNode with = with(fields);
    Tool split = whole == null ? null : split(whole);
    if (whole != null && split == null) {
      fields.tell("action", "bad_action", dotted(whole));
    }
    return split == null ? null : new Step.Action(split.plugin(), split.action(), with);
  }

  private static String dotted(String text) {
    return "An action is written plugin.action, such as http_input.fetch, and this is "
        + Fields.shown(text)
        + ".";
  }

  /** Splits at the first dot: the name of a plugin has none, that of an action may. */
  private static Tool split(String whole) {
    int dot = whole.indexOf('.');
    return dot < 1 || dot == whole.length() - 1
        ? null
        : new Tool(whole.substring(0, dot), whole.substring(dot + 1));
  }

  private static ObjectNode with(Fields fields) {
    return fields
        .object("with")
        .map(Fields::object)
        .orElseGet(JsonNodeFactory.instance::objectNode);
  }

  private static Work nested(Fields fields) {
    ObjectNode with = with(fields);
    return fields.text("pipeline").map(name -> new Step.Nested(name, with)).orElse(null);
  }

  private static Work model(Fields fields) {
    String model = fields.text("model").orElse(null);
    List<Message> messages = messages(fields);
    long maxTokens = fields.whole("max_tokens", 1, 1_000_000, 0);
    Work work =
        new Step.Model(
            model,
            fields.text("system").orElse(null),
            messages,
            fields.object("answer").map(Fields::object).orElse(null),
            tools(fields),
            (int) fields.whole("rounds", 1, 32, 8),
            maxTokens == 0 ? null : (int) maxTokens);
    return model == null || messages.isEmpty() ? null : work;
  }

  private static List<Message> messages(Fields fields) {
    if (fields.has("prompt") == fields.has("messages")) {
      fields.tell(
          "no_prompt", "A step with model has either a prompt or messages. Give one of the two.");
      return List.of();
    }
    if (fields.has("prompt")) {
      return fields
          .text("prompt")
          .map(text -> List.of(new Message("user", text)))
          .orElse(List.of());
    }
    List<Message> messages = new ArrayList<>();
    List<JsonNode> list = fields.elements("messages");
    if (list.size() > MAX_MESSAGES) {
      fields.tell("messages", "too_many", "A step has at most 100 messages.");
      return List.of();
    }
    for (int i = 0; i < list.size(); i++) {
      message(fields, list.get(i), i).ifPresent(messages::add);
    }
    if (messages.size() < list.size()) {
      return List.of();
    }
    if (messages.isEmpty() || !messages.get(messages.size() - 1).role().equals("user")) {
      fields.tell("messages", "no_prompt", "The last of the messages has to have the role user.");
    }
    return messages;
  }

  private static Optional<Message> message(Fields fields, JsonNode node, int index) {
    String role = node.path("role").asText();
    boolean fits = node.isObject() && node.size() == 2 && node.path("content").isTextual();
    if (!fits || !(role.equals("user") || role.equals("assistant"))) {
      fields.tellOf(
          "messages",
          index,
          "bad_message",
          "A message is {role, content}, its role user or assistant and its content a text. What"
              + " the model is told first goes into system.");
      return Optional.empty();
    }
    return Optional.of(new Message(role, node.path("content").textValue()));
  }

  private static List<Tool> tools(Fields fields) {
    List<Tool> tools = new ArrayList<>();
    List<JsonNode> list = fields.elements("tools");
    for (int i = 0; i < list.size(); i++) {
      Tool split = list.get(i).isTextual() ? split(list.get(i).textValue()) : null;
      if (split == null) {
        fields.tellOf("tools", i, "bad_action", dotted(list.get(i).toString()));
      } else {
        tools.add(split);
      }
    }
    if (tools.size() > MAX_TOOLS) {
      fields.tell("tools", "too_many", "A step has at most 64 tools.");
    }
    return tools;
  }

  private Work branch(Fields branch) {
    branch.knowOnly(List.of("when", "then", "else"), "branch");
    String when = StepReader.condition(branch, "when");
    if (!branch.has("when")) {
      branch.missing("when", "the condition, in CEL");
    }
    if (!branch.has("then")) {
      branch.missing("then", "the steps to take when the condition holds");
    }
    List<Step> then = steps.steps(branch, "then", depth + 1, true);
    List<Step> otherwise = steps.steps(branch, "else", depth + 1, false);
    return when == null ? null : new Step.Branch(when, then, otherwise);
  }

  private Work each(Fields each) {
    each.knowOnly(List.of("over", "parallel", "steps"), "each");
    if (!each.has("over")) {
      each.missing("over", "the list to go over, such as {\"$pointer\": \"/input/items\"}");
    }
    if (!each.has("steps")) {
      each.missing("steps", "the steps to take for each item");
    }
    List<Step> inner = steps.steps(each, "steps", depth + 1, true);
    int parallel = (int) each.whole("parallel", 1, 64, 1);
    return each.has("over") ? new Step.Each(each.get("over"), parallel, inner) : null;
  }

  private Work parallel(Fields parallel) {
    Map<String, List<Step>> ways = new LinkedHashMap<>();
    if (parallel.object().isEmpty() || parallel.object().size() > MAX_WAYS) {
      parallel.tell("out_of_range", "parallel has 1 to 64 ways, each a name with a list of steps.");
    }
    for (var way : parallel.object().properties()) {
      if (!WAY.matcher(way.getKey()).matches()) {
        parallel.tell(
            way.getKey(),
            "bad_name",
            "The name of a way has a small letter first, then small letters, digits, - and _.");
      }
      ways.put(way.getKey(), steps.steps(parallel, way.getKey(), depth + 1, true));
    }
    return new Step.Parallel(ways);
  }

  private static Work pause(Fields wait) {
    wait.knowOnly(List.of("for", "until"), "wait");
    if (wait.has("for") == wait.has("until")) {
      wait.tell("wrong_value", "wait has either for, a duration, or until, a time.");
      return null;
    }
    if (wait.has("until")) {
      return new Step.Wait(null, wait.get("until"));
    }
    Duration pause = wait.duration("for", Duration.ofMillis(1), Duration.ofDays(366), null);
    return pause == null ? null : new Step.Wait(pause, null);
  }

  private static Work approve(Fields approve) {
    approve.knowOnly(List.of("role", "message"), "approve");
    String role = approve.text("role").orElse("admin");
    if (!List.of("admin", "auditor", "user").contains(role)) {
      approve.tell("role", "wrong_value", "role is one of admin, auditor and user.");
      role = "admin";
    }
    String message = approve.needed("message", "what the person is asked").orElse(null);
    return message == null ? null : new Step.Approve(role, message);
  }
}

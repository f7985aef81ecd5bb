package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads what one step does. */
final class WorkReader {

  private static final List<String> WORKS =
      List.of("action", "model", "branch", "each", "parallel", "wait", "approve", "pipeline");

  private static final Pattern WAY = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
  private static final int MAX_WAYS = 64;
  private static final int MAX_MESSAGES = 100;
  private static final int MAX_TOOLS = 64;
  private static final int LONGEST_PROMPT = 1024 * 1024;
  private static final int LONGEST_MODEL = 300;

  private final DefinitionReader reader;
  private final Form form;
  private final String step;
  private final int depth;

  WorkReader(DefinitionReader reader, Form form, String step, int depth) {
    this.reader = reader;
    this.form = form;
    this.step = step;
    this.depth = depth;
  }

  /** Returns null when there is not exactly one. */
  Step.Work read() {
    List<String> said = WORKS.stream().filter(form::has).toList();
    if (said.size() != 1) {
      form.wrong(
          null,
          "bad_step",
          said.isEmpty()
              ? "The step does nothing: give it one of " + String.join(", ", WORKS)
              : "A step does one thing, and this one has %s: make a step of each"
                  .formatted(String.join(" and ", said)));
      return null;
    }
    return switch (said.get(0)) {
      case "action" -> action();
      case "model" -> model();
      case "branch" -> branch(form.form("branch"));
      case "each" -> each(form.form("each"));
      case "parallel" -> parallel();
      case "wait" -> waiting(form.form("wait"));
      case "approve" -> approve(form.form("approve"));
      default -> nested();
    };
  }

  private Step.Work action() {
    String name = form.text("action", 200);
    JsonNode with = with();
    int dot = name == null ? -1 : name.indexOf('.');
    if (dot <= 0 || dot == name.length() - 1) {
      if (name != null) {
        form.wrong(
            "action",
            "invalid",
            "action names a plugin and what it does, such as http_input.fetch");
      }
      return null;
    }
    return new Step.Action(name.substring(0, dot), name.substring(dot + 1), with);
  }

  private JsonNode with() {
    JsonNode with = form.object("with");
    if (with != null) {
      marks(with);
    }
    return with == null ? JsonNodeFactory.instance.objectNode() : with;
  }

  /** Members that begin with a dollar sign mean something, or are mistakes. */
  private void marks(JsonNode value) {
    for (Map.Entry<String, JsonNode> member : value.properties()) {
      String name = member.getKey();
      if (name.startsWith("$")) {
        mark(value, name, member.getValue());
      }
      if (!name.equals(Values.LITERAL)) {
        marks(member.getValue());
      }
    }
    if (value.isArray()) {
      value.forEach(this::marks);
    }
  }

  private void mark(JsonNode value, String name, JsonNode content) {
    if (!Values.MARKS.contains(name)) {
      form.wrong(
          "with",
          "unknown_field",
          "%s is none of $pointer, $cel and $literal: put what begins with $ into $literal"
              .formatted(name));
    } else if (value.size() != 1) {
      form.wrong("with", "invalid", "%s stands alone in its object".formatted(name));
    } else if (!name.equals(Values.LITERAL) && !content.isTextual()) {
      form.wrong("with", "wrong_type", "%s is a text".formatted(name));
    }
  }

  private Step.Work model() {
    String model = form.needed("model", LONGEST_MODEL);
    String system = form.text("system", LONGEST_PROMPT);
    List<Step.Model.Message> messages = messages();
    ObjectNode answer = form.object("answer");
    if (answer != null && !answer.path("type").asText().equals("object")) {
      form.wrong("answer", "invalid", "answer is a JSON Schema of the type object");
    }
    List<Step.Model.Tool> tools = tools();
    int rounds = form.number("rounds", 1, 32, 8);
    Long most = form.number("max_tokens", 1, Integer.MAX_VALUE);
    return new Step.Model(
        model, system, messages, answer, tools, rounds, most == null ? null : most.intValue());
  }

  private List<Step.Model.Message> messages() {
    String prompt = form.text("prompt", LONGEST_PROMPT);
    JsonNode list = form.list("messages");
    if (form.has("prompt") == form.has("messages")) {
      form.wrong(null, "missing", "A model is asked either a prompt or messages: give one of them");
      return List.of();
    }
    if (list == null) {
      return List.of(new Step.Model.Message("user", prompt));
    }
    List<Step.Model.Message> messages = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      JsonNode one = list.get(i);
      String role = one.path("role").asText();
      if (!one.path("content").isTextual()
          || !(role.equals("user") || role.equals("assistant"))
          || one.size() != 2) {
        form.wrong(
            "messages",
            "invalid",
            "A message has a role, user or assistant, and a text as content");
        return List.of();
      }
      messages.add(new Step.Model.Message(role, one.get("content").textValue()));
    }
    if (messages.isEmpty()
        || messages.size() > MAX_MESSAGES
        || !messages.get(messages.size() - 1).role().equals("user")) {
      form.wrong(
          "messages",
          "invalid",
          "There are 1 to %d messages, and the last one is the user's".formatted(MAX_MESSAGES));
    }
    return messages;
  }

  private List<Step.Model.Tool> tools() {
    JsonNode list = form.list("tools");
    List<Step.Model.Tool> tools = new ArrayList<>();
    if (list == null) {
      return tools;
    }
    if (list.size() > MAX_TOOLS) {
      form.wrong("tools", "too_many", "A model has at most %d tools".formatted(MAX_TOOLS));
    }
    for (JsonNode one : list) {
      String name = one.asText();
      int dot = name.indexOf('.');
      if (!one.isTextual() || dot <= 0 || dot == name.length() - 1) {
        form.wrong("tools", "invalid", "A tool is an action, such as http_input.fetch");
      } else {
        tools.add(new Step.Model.Tool(name.substring(0, dot), name.substring(dot + 1)));
      }
    }
    return tools;
  }

  private Step.Work branch(Form inner) {
    if (inner == null) {
      return null;
    }
    String when = inner.needed("when", Expressions.LONGEST);
    List<Step> then = reader.steps(inner, "then", step + ".then.", depth + 1, true);
    List<Step> otherwise = reader.steps(inner, "else", step + ".else.", depth + 1, false);
    inner.tellUnknown();
    return new Step.Branch(when, then, otherwise);
  }

  private Step.Work each(Form inner) {
    if (inner == null) {
      return null;
    }
    JsonNode over = inner.any("over");
    if (over == null) {
      inner.wrong("over", "missing", "over is missing: say which list each goes over");
    } else if (!over.isArray() && !over.isObject()) {
      inner.wrong(
          "over",
          "wrong_type",
          "over is a list, or {\"$pointer\": …} or {\"$cel\": …} that gives one");
    }
    int parallel = inner.number("parallel", 1, 64, 1);
    List<Step> steps = reader.steps(inner, "steps", step + ".", depth + 1, true);
    inner.tellUnknown();
    return new Step.Each(over, parallel, steps);
  }

  private Step.Work parallel() {
    ObjectNode ways = form.object("parallel");
    Form inner = form.form("parallel");
    if (ways == null) {
      return null;
    }
    if (ways.isEmpty() || ways.size() > MAX_WAYS) {
      form.wrong("parallel", "invalid", "There are 1 to %d ways".formatted(MAX_WAYS));
    }
    Map<String, List<Step>> read = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> way : ways.properties()) {
      String name = way.getKey();
      if (!WAY.matcher(name).matches()) {
        inner.wrong(name, "invalid", "The name of a way has the rules of a step's name");
      }
      read.put(name, reader.steps(inner, name, step + "." + name + ".", depth + 1, true));
    }
    return new Step.Parallel(read);
  }

  private Step.Work waiting(Form inner) {
    if (inner == null) {
      return null;
    }
    Duration pause = inner.duration("for", Duration.ZERO, Duration.ofDays(366));
    JsonNode until = inner.any("until");
    if (inner.has("for") == inner.has("until")) {
      inner.wrong(null, "missing", "A wait is either for a duration or until a time: give one");
    }
    inner.tellUnknown();
    return new Step.Wait(pause, until);
  }

  private Step.Work approve(Form inner) {
    if (inner == null) {
      return null;
    }
    String role = inner.word("role", "admin", "admin", "auditor", "user");
    String message = inner.needed("message", 4096);
    inner.tellUnknown();
    return new Step.Approve(role, message);
  }

  private Step.Work nested() {
    String name = form.text("pipeline", 64);
    JsonNode with = with();
    if (name != null && !DefinitionReader.PIPELINE.matcher(name).matches()) {
      form.wrong("pipeline", "invalid", "pipeline is the name of another pipeline");
      return null;
    }
    return new Step.Nested(name, with);
  }
}

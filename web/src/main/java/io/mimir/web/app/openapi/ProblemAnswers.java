package io.mimir.web.app.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.security.web.Admission;
import io.mimir.web.ProblemDetail;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The refusals of an operation: those that follow from what it takes, from who may call it and from
 * the server as a whole, and its own, which {@code operations.json} names. Operations with the same
 * refusals share them.
 */
final class ProblemAnswers {

  private final Map<String, ObjectNode> made = new LinkedHashMap<>();

  /** Returns the answers that were referred to, by name. */
  Map<String, ObjectNode> made() {
    return made;
  }

  /** Adds the refusals of an operation to its answers. */
  void add(Route route, JsonNode said, Admission admission, boolean takesJson, ObjectNode answers) {
    Set<Problem> problems = general(route, said, admission, takesJson);
    said.path("problems").forEach(code -> problems.add(problem(code.asText())));
    Map<Integer, Set<String>> byStatus = new TreeMap<>();
    problems.forEach(
        each -> byStatus.computeIfAbsent(each.status(), fresh -> new TreeSet<>()).add(each.code()));
    byStatus.forEach(
        (status, codes) -> {
          // Some have another form, which is described with the operation.
          if (!said.path("answers").has(String.valueOf(status))) {
            answers.set(String.valueOf(status), answer(status, codes));
          }
        });
  }

  private static Problem problem(String code) {
    return Problem.valueOf(code.toUpperCase(Locale.ROOT));
  }

  private static Set<Problem> general(
      Route route, JsonNode said, Admission admission, boolean takesJson) {
    Set<Problem> problems =
        EnumSet.of(
            Problem.MALFORMED,
            Problem.UNEXPECTED,
            Problem.STORAGE_UNAVAILABLE,
            Problem.STARTING,
            Problem.DRAINING);
    if (!admission.open()) {
      problems.add(Problem.UNAUTHENTICATED);
      problems.add(Problem.FORBIDDEN);
      problems.add(Problem.LOCKED_OUT);
    }
    if (route.isChange()) {
      problems.add(Problem.CSRF);
    }
    if (route.path().contains("{")) {
      problems.add(Problem.NOT_FOUND);
    }
    if (route.answeredBy() != null) {
      problems.add(Problem.NOT_ACCEPTABLE);
      problems.add(Problem.UNSUPPORTED_MEDIA_TYPE);
      problems.add(Problem.TOO_LARGE);
    }
    if (takesJson) {
      problems.addAll(
          EnumSet.of(
              Problem.UNKNOWN_FIELD,
              Problem.MISSING_FIELD,
              Problem.INVALID,
              Problem.REFUSED,
              Problem.REQUEST_TIMEOUT));
    }
    if (said.path("parameters").size() > 0) {
      problems.add(Problem.INVALID);
    }
    return problems;
  }

  private ObjectNode answer(int status, Set<String> codes) {
    String name =
        "Problem" + status + codes.stream().map(c -> "-" + c).collect(Collectors.joining());
    made.computeIfAbsent(name, fresh -> problem(status, codes));
    return Descriptions.object().put("$ref", "#/components/responses/" + name);
  }

  private static ObjectNode problem(int status, Set<String> codes) {
    ObjectNode answer = Descriptions.object();
    answer.put("description", String.join(", ", codes));
    ObjectNode headers = answer.putObject("headers");
    headers.set("X-Request-Id", header("X-Request-Id"));
    if (status == 429 || status == 503) {
      headers.set("Retry-After", header("Retry-After"));
    }
    ObjectNode schema = Descriptions.object();
    ArrayNode all = schema.putArray("allOf");
    all.add(Schemas.ref("Problem"));
    ObjectNode members = all.addObject().putObject("properties");
    members.putObject("status").put("const", status);
    codes.forEach(members.putObject("code").putArray("enum")::add);
    answer.putObject("content").putObject(ProblemDetail.MEDIA_TYPE).set("schema", schema);
    return answer;
  }

  static ObjectNode header(String name) {
    return Descriptions.object().put("$ref", "#/components/headers/" + name);
  }
}

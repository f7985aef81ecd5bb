package io.mimir.web.app.openapi;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.TypeFactory;
import io.mimir.security.web.Admission;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** One operation of the document from one route and what is said of it. */
final class Operations {

  private static final String JSON = "application/json";
  private static final Pattern IN_PATH = Pattern.compile("\\{(\\w+)}");

  private final Descriptions descriptions;
  private final Schemas schemas;
  private final ProblemAnswers problems;

  Operations(Descriptions descriptions, Schemas schemas, ProblemAnswers problems) {
    this.descriptions = descriptions;
    this.schemas = schemas;
    this.problems = problems;
  }

  ObjectNode of(Route route) {
    JsonNode said = descriptions.operation(route);
    ObjectNode operation = Descriptions.object();
    operation.put("operationId", id(route));
    operation.put("summary", said.path("summary").asText("Not described yet"));
    if (said.has("text")) {
      operation.put("description", said.get("text").asText());
    }
    operation.putArray("tags").add(said.path("tag").asText("Not described yet"));
    if (route.isGateway()) {
      gateway(route, said, operation);
    } else {
      console(route, said, operation);
    }
    return operation;
  }

  private static String id(Route route) {
    if (route.answeredBy() != null) {
      Method method = route.answeredBy();
      String feature = method.getDeclaringClass().getSimpleName().replaceFirst("Resource$", "");
      return lower(feature) + upper(method.getName());
    }
    StringBuilder id = new StringBuilder(route.method().toLowerCase(Locale.ROOT));
    for (String word : route.path().split("[^A-Za-z0-9]+")) {
      id.append(upper(word));
    }
    return id.toString();
  }

  private static String lower(String word) {
    return word.substring(0, 1).toLowerCase(Locale.ROOT) + word.substring(1);
  }

  private static String upper(String word) {
    return word.isEmpty() ? "" : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }

  private void console(Route route, JsonNode said, ObjectNode operation) {
    Admission admission = Admission.of(route.method(), route.path());
    secure(route, admission, operation);
    parameters(route, said, operation);
    boolean takesJson = body(route, said, operation);
    ObjectNode answers = operation.putObject("responses");
    String status = said.path("status").asText("200");
    answers.set(status, success(route, said));
    if (!said.path("plain").asBoolean()) {
      problems.add(route, said, admission, takesJson, answers);
    }
    said.path("answers").properties().forEach(a -> answers.set(a.getKey(), a.getValue()));
  }

  /** Each of the ways to say who one is, as alternatives. */
  private static void secure(Route route, Admission admission, ObjectNode operation) {
    ArrayNode ways = operation.putArray("security");
    if (admission.open()) {
      return;
    }
    if (!admission.scopes().isEmpty()) {
      ArrayNode scopes = ways.addObject().putArray("token");
      admission.scopes().forEach(scopes::add);
    }
    ways.addObject().putArray("password");
    ObjectNode session = ways.addObject();
    session.putArray("session");
    session.putArray("session_binding");
    if (route.isChange()) {
      session.putArray("csrf");
    }
    ArrayNode roles = operation.putArray("x-mimir-roles");
    admission.roles().forEach(roles::add);
  }

  private void parameters(Route route, JsonNode said, ObjectNode operation) {
    List<ObjectNode> all = new ArrayList<>();
    for (MatchResult found : IN_PATH.matcher(route.path()).results().toList()) {
      all.add(parameter(said, found.group(1), "path").put("required", true));
    }
    if (route.answeredBy() != null) {
      for (Parameter parameter : route.answeredBy().getParameters()) {
        QueryParam query = parameter.getAnnotation(QueryParam.class);
        HeaderParam header = parameter.getAnnotation(HeaderParam.class);
        if (query != null) {
          all.add(parameter(said, query.value(), "query"));
        } else if (header != null) {
          all.add(parameter(said, header.value(), "header"));
        }
      }
    } else {
      said.path("parameters")
          .fieldNames()
          .forEachRemaining(name -> all.add(parameter(said, name, "query")));
    }
    if (!all.isEmpty()) {
      operation.putArray("parameters").addAll(all);
    }
  }

  private ObjectNode parameter(JsonNode operation, String name, String place) {
    JsonNode said = descriptions.parameter(operation, name);
    ObjectNode parameter = Descriptions.object().put("name", name).put("in", place);
    parameter.put("description", said.path("text").asText("Not described yet"));
    ObjectNode schema = said.path("schema").isObject() ? said.get("schema").deepCopy() : null;
    parameter.set("schema", schema == null ? Descriptions.object().put("type", "string") : schema);
    if (said.has("style")) {
      parameter.put("style", said.get("style").asText()).put("explode", false);
    }
    return parameter;
  }

  private boolean body(Route route, JsonNode said, ObjectNode operation) {
    ObjectNode content = Descriptions.object();
    boolean required = !said.path("optional").asBoolean();
    Class<?> form = form(route);
    if (form != null) {
      ObjectNode schema = schemas.ofForm(form);
      if (said.has("required")) {
        ObjectNode both = Descriptions.object();
        both.putArray("allOf").add(schema).addObject().set("required", said.get("required"));
        schema = both;
      }
      content.putObject(JSON).set("schema", schema);
    } else if (said.has("body")) {
      content.putObject(said.path("takes").asText(JSON)).set("schema", said.get("body"));
    } else {
      return false;
    }
    if (said.has("example")) {
      ((ObjectNode) content.elements().next()).set("example", said.get("example"));
    }
    ObjectNode body = operation.putObject("requestBody").put("required", required);
    body.set("content", content);
    return true;
  }

  /** The record that the body is read into, or null. */
  private static Class<?> form(Route route) {
    if (route.answeredBy() != null) {
      for (Parameter parameter : route.answeredBy().getParameters()) {
        if (parameter.getAnnotations().length == 0 && parameter.getType().isRecord()) {
          return parameter.getType();
        }
      }
    }
    return null;
  }

  private ObjectNode success(Route route, JsonNode said) {
    ObjectNode answer = Descriptions.object();
    answer.put("description", said.path("gives").asText("As asked"));
    ObjectNode headers = answer.putObject("headers");
    headers.set("X-Request-Id", ProblemAnswers.header("X-Request-Id"));
    said.path("headers")
        .forEach(name -> headers.set(name.asText(), ProblemAnswers.header(name.asText())));
    ObjectNode content = answer.putObject("content");
    ObjectNode schema = answerSchema(route, said);
    if (schema != null) {
      content.putObject(said.path("type").asText(JSON)).set("schema", schema);
    }
    said.path("types")
        .properties()
        .forEach(type -> content.putObject(type.getKey()).set("schema", type.getValue()));
    return answer;
  }

  private ObjectNode answerSchema(Route route, JsonNode said) {
    if (said.has("schema")) {
      return (ObjectNode) said.get("schema");
    }
    if (said.has("answer")) {
      String name = said.get("answer").asText();
      boolean list = name.endsWith("[]");
      ObjectNode one = schemas.of(type(route, list ? name.substring(0, name.length() - 2) : name));
      return list ? Schemas.listOf(one) : one;
    }
    Method method = route.answeredBy();
    if (method == null || method.getReturnType() == Response.class) {
      return null;
    }
    JavaType type = TypeFactory.defaultInstance().constructType(method.getGenericReturnType());
    return type.getRawClass() == void.class ? null : schemas.ofType(type);
  }

  /** A record that is named: beside the resource, or by its whole name. */
  private static Class<?> type(Route route, String name) {
    List<String> candidates = new ArrayList<>();
    if (route.answeredBy() != null) {
      Class<?> resource = route.answeredBy().getDeclaringClass();
      candidates.add(resource.getName() + "$" + name);
      candidates.add(resource.getPackageName() + "." + name);
    }
    candidates.add(name);
    for (String candidate : candidates) {
      try {
        return Class.forName(candidate);
      } catch (ClassNotFoundException e) {
        // One of the others.
        continue;
      }
    }
    throw new IllegalStateException("There is no record " + name + " for " + route.key());
  }

  /** What clients of other protocols send and get is described by their makers. */
  private void gateway(Route route, JsonNode said, ObjectNode operation) {
    ArrayNode ways = operation.putArray("security");
    if (!said.path("open").asBoolean()) {
      ways.addObject().putArray("token").add("gateway");
      if (!route.path().startsWith("/ollama")) {
        ways.addObject().putArray("anthropic_key");
        ways.addObject().putArray("azure_key");
      }
    }
    parameters(route, said, operation);
    if (route.method().equals("POST")) {
      ObjectNode body = operation.putObject("requestBody").put("required", true);
      body.putObject("content")
          .putObject(said.path("takes").asText(JSON))
          .set("schema", Schemas.ref(said.path("sends").asText("ClientRequest")));
    }
    ObjectNode answers = operation.putObject("responses");
    if (said.path("refused").asBoolean()) {
      answers.set("403", Descriptions.object().put("$ref", "#/components/responses/ClientError"));
      return;
    }
    ObjectNode success = answers.putObject("200");
    success.put("description", said.path("gives").asText("As the client's protocol has it"));
    success.set("content", said.path("content").isObject() ? said.get("content") : anyJson(said));
    answers.set("4XX", Descriptions.object().put("$ref", "#/components/responses/ClientError"));
    answers.set("5XX", Descriptions.object().put("$ref", "#/components/responses/ClientError"));
  }

  private static ObjectNode anyJson(JsonNode said) {
    ObjectNode content = Descriptions.object();
    content.putObject(JSON).putObject("schema").put("type", "object");
    if (said.path("streams").isTextual()) {
      content.putObject(said.get("streams").asText()).putObject("schema").put("type", "string");
    }
    return content;
  }
}

package io.mimir.web.app.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.web.Languages;
import io.mimir.web.Texts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Backs {@code help/api.xhtml}: the description of the API for people, group by group. */
@Named("apiHelp")
@ApplicationScoped
public class ApiHelp {

  @Inject ApiDescription description;

  private final Map<Locale, List<Group>> groups = new ConcurrentHashMap<>();

  /**
   * Operations that belong together.
   *
   * @param anchor the id of its place on the page
   */
  public record Group(String name, String anchor, String text, List<Item> items) {}

  /**
   * One operation.
   *
   * @param who who may call it, in words
   * @param tables what it takes
   * @param example of a body; null for none
   */
  public record Item(
      String method,
      String path,
      String summary,
      String text,
      String who,
      List<Table> tables,
      String example,
      List<Row> answers) {}

  /**
   * @param title the end of the key of its title
   */
  public record Table(String title, List<Row> rows) {}

  /** A parameter, a member of a body, or an answer by its status. */
  public record Row(String name, String type, boolean required, String text) {}

  /** Returns the groups in the order of the document, made once for each language. */
  public List<Group> getGroups() {
    return groups.computeIfAbsent(Languages.spoken(), language -> of(description.document()));
  }

  static List<Group> of(JsonNode document) {
    Map<String, List<Item>> items = new LinkedHashMap<>();
    document.path("tags").forEach(tag -> items.put(tag.path("name").asText(), new ArrayList<>()));
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        items
            .computeIfAbsent(operation.getValue().at("/tags/0").asText(), tag -> new ArrayList<>())
            .add(item(operation.getKey(), path.getKey(), operation.getValue(), document));
      }
    }
    List<Group> groups = new ArrayList<>();
    document
        .path("tags")
        .forEach(
            tag -> {
              String name = tag.path("name").asText();
              String anchor = name.toLowerCase(Locale.ROOT).replace(' ', '-');
              groups.add(
                  new Group(name, anchor, tag.path("description").asText(), items.get(name)));
            });
    return List.copyOf(groups);
  }

  private static Item item(String method, String path, JsonNode operation, JsonNode document) {
    SchemaWords words = new SchemaWords(document);
    List<Table> tables = new ArrayList<>();
    List<Row> parameters = new ArrayList<>();
    for (JsonNode parameter : operation.path("parameters")) {
      parameters.add(
          new Row(
              parameter.path("name").asText(),
              words.type(parameter.path("schema")),
              parameter.path("required").asBoolean(),
              parameter.path("description").asText()));
    }
    if (!parameters.isEmpty()) {
      tables.add(new Table("parameters", parameters));
    }
    String example = null;
    for (JsonNode body : operation.at("/requestBody/content")) {
      List<Row> members = words.members(body.path("schema"));
      if (!members.isEmpty()) {
        tables.add(new Table("body", members));
      }
      example = body.has("example") ? body.get("example").toPrettyString() : example;
    }
    return new Item(
        method.toUpperCase(Locale.ROOT),
        path,
        operation.path("summary").asText(),
        operation.path("description").asText(),
        who(operation),
        tables,
        example,
        answers(operation, words));
  }

  private static String who(JsonNode operation) {
    List<String> ways = new ArrayList<>();
    List<String> roles = new ArrayList<>();
    operation.path("x-mimir-roles").forEach(role -> roles.add(Texts.of("role." + role.asText())));
    if (!roles.isEmpty()) {
      ways.add(Texts.of("apihelp.who.roles", String.join(", ", roles)));
    }
    List<String> scopes = new ArrayList<>();
    for (JsonNode way : operation.path("security")) {
      way.path("token").forEach(scope -> scopes.add(scope.asText()));
    }
    if (!scopes.isEmpty()) {
      String either = String.join(" " + Texts.of("apihelp.who.or") + " ", scopes);
      ways.add(Texts.of("apihelp.who.scopes", either));
    }
    return ways.isEmpty() ? Texts.of("apihelp.who.anybody") : String.join(". ", ways);
  }

  private static List<Row> answers(JsonNode operation, SchemaWords words) {
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<String, JsonNode> answer : operation.path("responses").properties()) {
      JsonNode said = words.resolved(answer.getValue());
      JsonNode schema = said.at("/content/application~1json/schema");
      String type = schema.isMissingNode() ? "" : words.type(schema);
      rows.add(new Row(answer.getKey(), type, false, said.path("description").asText()));
    }
    return rows;
  }
}

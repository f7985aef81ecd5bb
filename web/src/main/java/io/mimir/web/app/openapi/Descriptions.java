package io.mimir.web.app.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.gateway.ObjectKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.TreeSet;

/**
 * What people have to say of the API, from {@code operations.json}: a sentence for each operation,
 * which problems it has of its own, and what the members of bodies mean. All else is read from the
 * code.
 */
final class Descriptions {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final JsonNode all;
  private final Set<String> unused = new TreeSet<>();

  private Descriptions(JsonNode all) {
    this.all = all;
    all.path("operations").fieldNames().forEachRemaining(unused::add);
    all.path("members")
        .properties()
        .forEach(
            record ->
                record
                    .getValue()
                    .fieldNames()
                    .forEachRemaining(member -> unused.add(record.getKey() + "." + member)));
  }

  static Descriptions load() {
    try (InputStream in = Descriptions.class.getResourceAsStream("operations.json")) {
      return new Descriptions(MAPPER.readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  JsonNode get(String name) {
    return all.path(name);
  }

  /** What is said of a route; missing where nothing is. */
  JsonNode operation(Route route) {
    unused.remove(route.key());
    JsonNode own = all.path("operations").path(route.key());
    return own.isMissingNode() ? kept(route) : own;
  }

  /** What providers keep has the same operations for each kind, and one text for each of them. */
  private JsonNode kept(Route route) {
    for (ObjectKind kind : ObjectKind.values()) {
      String path = "/v1" + kind.path();
      if (route.path().equals(path) || route.path().startsWith(path + "/{")) {
        String place = route.path().endsWith("{part}") ? " part" : " id";
        JsonNode texts = all.path("kept");
        String text = route.method() + (route.path().equals(path) ? "" : place);
        return object()
            .put("tag", texts.path("tag").asText())
            .put("summary", texts.path(text).asText().formatted(kind.label()));
      }
    }
    return missing();
  }

  /** What is said of a member of a body; missing where nothing is. */
  JsonNode member(String record, String name) {
    unused.remove(record + "." + name);
    JsonNode own = all.path("members").path(record).path(name);
    return own.isMissingNode() ? common(name) : own;
  }

  private JsonNode common(String name) {
    JsonNode common = all.path("members").path("*").path(name);
    if (!common.isMissingNode()) {
      unused.remove("*." + name);
    }
    return common;
  }

  /** What is said of a parameter of an address, by its operation or for all. */
  JsonNode parameter(JsonNode operation, String name) {
    JsonNode own = operation.path("parameters").path(name);
    return own.isMissingNode() ? all.path("parameters").path(name) : own;
  }

  /** Operations and members that are described and not there. */
  Set<String> unused() {
    return unused;
  }

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  private static JsonNode missing() {
    return MissingNode.getInstance();
  }
}

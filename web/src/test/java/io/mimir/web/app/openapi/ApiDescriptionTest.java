package io.mimir.web.app.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.mimir.error.Problem;
import jakarta.servlet.annotation.WebServlet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The description of the API has each route of the code, and says of it what the code does. That
 * the running application has no other routes, and answers as it is described, is for OpenApiIT.
 */
class ApiDescriptionTest {

  private static final Path DOCUMENT = Path.of("..", "docs", "api.md");
  private static final Pattern TOLD = Pattern.compile("`([^`]+)`");

  private static List<Route> routes;
  private static Descriptions descriptions;
  private static ObjectNode described;

  @BeforeAll
  static void describe() throws IOException {
    routes = new ArrayList<>(Routes.ofResources());
    for (JavaClass servlet :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.mimir")) {
      if (servlet.isAnnotatedWith(WebServlet.class)) {
        WebServlet mapping = servlet.getAnnotationOfType(WebServlet.class);
        List<String> paths =
            Stream.of(mapping.value(), mapping.urlPatterns()).flatMap(Arrays::stream).toList();
        routes.addAll(Routes.ofServlet(servlet.getName(), paths));
      }
    }
    descriptions = Descriptions.load();
    described = ApiDescription.of(routes, descriptions);
    Files.writeString(Path.of("target/openapi.json"), described.toPrettyString());
    Files.writeString(Path.of("target/openapi.yaml"), Yaml.of(described));
  }

  private static Map<String, JsonNode> operations() {
    Map<String, JsonNode> operations = new TreeMap<>();
    described
        .get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        each ->
                            operations.put(
                                each.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                                each.getValue())));
    return operations;
  }

  @Test
  void everyRouteOfTheCodeIsDescribed() {
    assertThat(operations()).hasSizeGreaterThan(100).containsKeys("GET /metrics", "GET /openapi");
    assertThat(operations())
        .as("a new route needs an entry in operations.json")
        .allSatisfy(
            (key, operation) -> assertThat(operation.toString()).doesNotContain("Not desc"));
  }

  @Test
  void nothingIsDescribedThatIsNotThere() {
    assertThat(descriptions.unused()).isEmpty();
  }

  @Test
  void operationsHaveNamesOfTheirOwn() {
    assertThat(operations().values().stream().map(each -> each.get("operationId").asText()))
        .doesNotHaveDuplicates();
  }

  /** The rows of the table below Addresses: methods, then the path, each between backticks. */
  @Test
  void thePageOfTheApiHasEachRouteOfTheConsoleAndNoOther() throws IOException {
    Set<String> told = new TreeSet<>();
    for (String row : section("## Addresses").lines().filter(l -> l.startsWith("| `")).toList()) {
      List<String> methods = new ArrayList<>();
      boolean ended = false;
      Matcher words = TOLD.matcher(row.split("\\|")[1]);
      while (words.find()) {
        String word = words.group(1).replaceFirst("\\?.*", "");
        String method = word.replaceFirst(" ?/.*", "");
        if (!method.isEmpty()) {
          // Methods after a path are for what follows.
          methods = ended ? new ArrayList<>() : methods;
          methods.add(method);
        }
        ended = word.contains("/");
        if (ended) {
          String path = word.substring(word.indexOf('/'));
          for (String each : methods) {
            told.add(each + " " + path);
          }
        }
      }
    }
    Set<String> there = new TreeSet<>();
    routes.stream().filter(route -> !route.isGateway()).map(Route::key).forEach(there::add);

    assertThat(told).containsExactlyElementsOf(there);
  }

  @Test
  void thePageOfTheApiHasEachProblemWithItsStatus() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    for (String row : section("## Refusals").lines().filter(l -> l.startsWith("| ")).toList()) {
      String[] cells = row.split("\\|");
      Matcher codes = TOLD.matcher(cells[2]);
      while (codes.find()) {
        rows.put(codes.group(1), cells[1]);
      }
    }
    for (Problem problem : Problem.values()) {
      assertThat(rows).containsKey(problem.code());
      assertThat(rows.get(problem.code()))
          .as(problem.code())
          .contains(String.valueOf(problem.status()));
    }
  }

  private static String section(String heading) throws IOException {
    String page = Files.readString(DOCUMENT);
    int from = page.indexOf("\n" + heading + "\n");
    int to = page.indexOf("\n## ", from + heading.length());
    return page.substring(from, to < 0 ? page.length() : to);
  }

  @Test
  void everyExampleFitsItsSchema() {
    JsonSchemaFactory factory = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
    int examples = 0;
    for (Map.Entry<String, JsonNode> operation : operations().entrySet()) {
      for (JsonNode body : operation.getValue().at("/requestBody/content")) {
        if (body.has("example")) {
          ObjectNode schema = body.get("schema").deepCopy();
          schema.set("components", described.get("components"));
          JsonSchema whole = factory.getSchema(schema);
          assertThat(whole.validate(body.get("example"))).as(operation.getKey()).isEmpty();
          examples++;
        }
      }
    }
    assertThat(examples).isGreaterThan(10);
  }

  /** By name; of each other operation OpenApiIT asks who may call it. */
  @Test
  void whoMayCallIsWhatTheDoorGoesBy() {
    JsonNode keys = operations().get("POST /api/v1/settings/api-keys");
    assertThat(keys.get("security").toString())
        .isEqualTo(
            "[{\"token\":[\"settings\"]},{\"password\":[]},"
                + "{\"session\":[],\"session_binding\":[],\"csrf\":[]}]");
    assertThat(keys.get("x-mimir-roles").toString()).isEqualTo("[\"admin\"]");
    assertThat(operations().get("GET /health/live").get("security")).isEmpty();
    assertThat(operations().get("GET /openapi").get("security").toString())
        .contains("{\"token\":[\"metrics\"]}");
    assertThat(operations().get("POST /v1/messages").get("security").toString())
        .contains("{\"token\":[\"gateway\"]}", "anthropic_key");
  }

  @Test
  void aFormHasTheNamesTypesAndLimitsOfItsRecord() {
    JsonNode form = described.at("/components/schemas/ApiKeyForm");

    assertThat(form.get("additionalProperties").asBoolean(true)).isFalse();
    assertThat(form.at("/properties/key_value/writeOnly").asBoolean()).isTrue();
    assertThat(form.at("/properties/priority/maximum").asInt()).isEqualTo(100);
    assertThat(form.at("/properties/provider/$ref").asText()).endsWith("/ProviderId");
    assertThat(described.at("/components/schemas/ProviderId/enum").toString())
        .contains("\"openai\"", "\"custom\"");
    assertThat(described.at("/components/schemas/AccessTokenForm/properties/scopes/items/enum"))
        .isNotEmpty();
  }
}

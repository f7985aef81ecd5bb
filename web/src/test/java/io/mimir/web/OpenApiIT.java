package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.mimir.metrics.service.Exposition;
import io.mimir.web.Wire.Answer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The description of the API that the running server gives, held against what it does: who may call
 * which route (T70), which refusals there are, and what answers look like.
 */
class OpenApiIT {

  private static final String PASSWORD = "three words for tests";
  private static final String JSON = "application/json";
  private static final Path LINTER = Path.of("target", "openapi-linter");

  /** Every role, and a token of every scope. */
  private static final Map<String, Wire> CALLERS = new LinkedHashMap<>();

  /** The user name of each role. */
  private static final Map<String, String> NAMES = new HashMap<>();

  private static Wire anonymous;
  private static Wire admin;
  private static JsonNode description;
  private static List<Operation> operations;

  private record Operation(String method, String path, JsonNode said) {

    boolean isGateway() {
      return path.startsWith("/v1") || path.startsWith("/ollama");
    }

    String address() {
      return path.replaceAll("\\{\\w+}", "x");
    }

    JsonNode form() {
      return said.at("/requestBody/content/application~1json");
    }

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  /** Who may call what is below an address, as the contract has it. */
  private record Rule(String methods, String path, String... callers) {

    boolean isFor(Operation asked) {
      return (methods.equals(ANY) || methods.contains(asked.method()))
          && (asked.path().equals(path) || asked.path().startsWith(path + "/"));
    }
  }

  private static final String ANYBODY = "anybody";
  private static final String ANY = "any";
  private static final String CHANGES = "POST PUT DELETE";

  private static final String[] KNOWN = {
    "user",
    "auditor",
    "admin",
    "gateway",
    "chat",
    "pipelines",
    "settings",
    "accounts",
    "audit",
    "metrics"
  };

  /** The first one that fits counts; a route that none fits is refused by the test. */
  private static final List<Rule> CONTRACT =
      List.of(
          new Rule(ANY, "/health", ANYBODY),
          new Rule(ANY, "/hooks", ANYBODY),
          new Rule(ANY, "/api/v1/setup", ANYBODY),
          new Rule(ANY, "/api/v1/session/password", "user", "auditor", "admin"),
          new Rule(ANY, "/api/v1/session", KNOWN),
          new Rule(ANY, "/api/v1/providers", KNOWN),
          new Rule(ANY, "/api/v1/account", "user", "auditor", "admin"),
          new Rule(CHANGES, "/api/v1/settings/users", "admin", "accounts"),
          new Rule(ANY, "/api/v1/settings/users", "admin", "settings", "accounts"),
          new Rule(ANY, "/api/v1/settings/tokens", "admin", "settings", "accounts"),
          new Rule(CHANGES, "/api/v1/settings/plugins/publishers", "admin"),
          new Rule(CHANGES, "/api/v1/settings/plugins/{id}/trust", "admin"),
          new Rule(ANY, "/api/v1/settings", "admin", "settings"),
          new Rule(ANY, "/api/v1/audit", "auditor", "admin", "audit"),
          new Rule(ANY, "/api/v1/usage", "user", "auditor", "admin", "audit"),
          new Rule(ANY, "/api/v1/chat", "user", "admin", "chat"),
          new Rule(ANY, "/api/v1/models", "user", "admin", "chat"),
          new Rule(ANY, "/api/v1/pipelines", "user", "admin", "pipelines"),
          new Rule(ANY, "/api/v1/runs", "user", "admin", "pipelines"),
          new Rule(ANY, "/api/v1/plugins", "user", "admin", "pipelines"),
          new Rule(ANY, "/api/v1/status", "admin", "metrics"),
          new Rule(ANY, "/api/v1/backup", "admin"),
          new Rule(ANY, "/metrics", "admin", "metrics"),
          new Rule(ANY, "/openapi", "admin", "metrics"));

  @BeforeAll
  static void open() {
    anonymous = Wire.anonymous(MimirServer.shared().uri());
    admin = anonymous.as(MimirServer.ADMIN, MimirServer.PASSWORD);
    for (String role : List.of("user", "auditor")) {
      String name = role + "-" + UUID.randomUUID();
      String body =
          "{\"username\":\"%s\",\"password\":\"%s\",\"roles\":[\"%s\"]}"
              .formatted(name, PASSWORD, role);
      assertThat(admin.post("/api/v1/settings/users", body).status()).isEqualTo(201);
      CALLERS.put(role, anonymous.as(name, PASSWORD));
      NAMES.put(role, name);
    }
    NAMES.put("admin", MimirServer.ADMIN);
    CALLERS.put("admin", admin);
    description = admin.get("/openapi").json();
    JsonNode scopes =
        description.at("/components/schemas/AccessTokenForm/properties/scopes/items/enum");
    for (JsonNode scope : scopes) {
      Answer made =
          admin.post(
              "/api/v1/settings/tokens",
              "{\"name\":\"every route\",\"scopes\":[\"%s\"]}".formatted(scope.asText()));
      assertThat(made.status()).as(scope.asText()).isEqualTo(201);
      CALLERS.put(scope.asText(), anonymous.with(made.text("token")));
    }
    operations = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : description.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> each : path.getValue().properties()) {
        operations.add(
            new Operation(each.getKey().toUpperCase(Locale.ROOT), path.getKey(), each.getValue()));
      }
    }
  }

  @Test
  void theRunningServerDescribesEachOfItsRoutes() {
    assertThat(operations).hasSizeGreaterThan(100);
    assertThat(operations)
        .allSatisfy(each -> assertThat(each.said().toString()).doesNotContain("Not described yet"));
  }

  @Test
  void itIsForAdministratorsAndNeverAPage() {
    Answer refused = anonymous.get("/openapi");
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(anonymous.send("GET", "/openapi", null, "Accept", "text/html").status())
        .isEqualTo(401);
    Answer yaml = admin.send("GET", "/openapi", null, "Accept", "application/yaml");
    assertThat(yaml.header("Content-Type")).startsWith("application/yaml");
    assertThat(yaml.http().body()).startsWith("\"openapi\": \"3.1.0\"\n\"info\":\n");
  }

  @Test
  void aLinterFindsNothing() throws IOException, InterruptedException {
    Npm.install(Path.of("src", "test", "openapi"), LINTER);
    Files.writeString(LINTER.resolve("openapi.json"), admin.get("/openapi").http().body());
    Files.writeString(
        LINTER.resolve("openapi.yaml"),
        admin.send("GET", "/openapi", null, "Accept", "application/yaml").http().body());
    Path said = LINTER.resolve("said.txt");
    ProcessBuilder redocly =
        new ProcessBuilder("node_modules/.bin/redocly", "lint", "openapi.json", "openapi.yaml")
            .directory(LINTER.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    redocly.environment().put("REDOCLY_TELEMETRY", "off");
    redocly.environment().put("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    Process linter = redocly.start();

    assertThat(linter.waitFor(1, TimeUnit.MINUTES)).isTrue();
    String text = Files.readString(said, StandardCharsets.UTF_8);
    assertThat(linter.exitValue()).as(text).isZero();
    assertThat(text).contains("valid").doesNotContain("warning  ");
  }

  /** Who may ask what: each route, each role, each scope. */
  @Test
  void everyRouteIsOpenToWhomTheContractNamesAndToNobodyElse() {
    for (Operation operation : operations) {
      if (operation.isGateway()) {
        continue;
      }
      Optional<Rule> rule = CONTRACT.stream().filter(each -> each.isFor(operation)).findFirst();
      assertThat(rule).as("a rule for %s", operation).isPresent();
      Set<String> allowed = Set.of(rule.get().callers());
      boolean open = allowed.contains(ANYBODY);
      assertThat(told(operation))
          .as("what is told of %s", operation)
          .isEqualTo(open ? Set.of() : new TreeSet<>(allowed));
      Answer ofNobody = ask(anonymous, operation);
      assertThat(ofNobody.status() == 401).as("%s for nobody", operation).isEqualTo(!open);
      for (Map.Entry<String, Wire> caller : CALLERS.entrySet()) {
        Answer answer = ask(caller.getValue(), operation);
        boolean may = open || allowed.contains(caller.getKey());
        assertThat(answer.status())
            .as("%s for %s", operation, caller.getKey())
            .satisfies(
                status -> {
                  if (may) {
                    assertThat(status).isNotIn(401, 403, 500);
                  } else {
                    assertThat(status).isEqualTo(403);
                  }
                });
        isDescribed(operation, answer);
      }
    }
  }

  /** What is nowhere described is closed like what is around it, and nothing is there. */
  @Test
  void anAddressThatIsNoneIsNothingToThoseWhoMayGoThere() {
    for (Map.Entry<String, Wire> caller : CALLERS.entrySet()) {
      boolean settings = Set.of("admin", "settings").contains(caller.getKey());
      assertThat(caller.getValue().get("/api/v1/settings/nothing").status())
          .as(caller.getKey())
          .isEqualTo(settings ? 404 : 403);
      assertThat(caller.getValue().get("/api/v1/nothing").status()).isEqualTo(404);
    }
    assertThat(anonymous.get("/api/v1/settings/nothing").status()).isEqualTo(401);
    assertThat(anonymous.get("/api/v1/nothing").status()).isEqualTo(401);
  }

  /** Who may open what: each page that there is, by its file. */
  @Test
  void everyPageIsOpenToWhomTheContractNamesAndToNobodyElse() throws IOException {
    Map<String, Set<String>> contract = new HashMap<>();
    contract.put("/login", Set.of(ANYBODY));
    contract.put("/setup", Set.of(ANYBODY));
    contract.put("/account", Set.of("user", "auditor", "admin"));
    contract.put("/usage", Set.of("user", "auditor", "admin"));
    contract.put("/chat", Set.of("user", "admin"));
    contract.put("/pipelines", Set.of("user", "admin"));
    contract.put("/pipeline", Set.of("user", "admin"));
    contract.put("/run", Set.of("user", "admin"));
    contract.put("/help/api", Set.of("admin"));
    contract.put("/settings/audit", Set.of("auditor", "admin"));
    for (String tab : List.of("api-keys", "plugins", "tokens", "users")) {
      contract.put("/settings/" + tab, Set.of("admin"));
    }
    Map<String, String> cookies = new HashMap<>();
    NAMES.forEach((role, name) -> cookies.put(role, signIn(name, role)));
    // Pages about one thing are not opened by the name of their file.
    Map<String, String> ofOne = Map.of("/pipeline", "/pipelines/new", "/run", "/runs/run_none");
    for (String file : pages()) {
      Set<String> allowed = contract.get(file);
      assertThat(allowed).as("%s needs a rule here", file).isNotNull();
      String page = ofOne.getOrDefault(file, file);
      if (allowed.contains(ANYBODY)) {
        continue;
      }
      Answer ofNobody = anonymous.send("GET", page, null, "Accept", "text/html");
      assertThat(ofNobody.status()).as("%s for nobody", page).isEqualTo(302);
      assertThat(ofNobody.header("Location")).contains("/login?next=");
      cookies.forEach(
          (role, cookie) ->
              assertThat(
                      anonymous
                          .send("GET", page, null, "Accept", "text/html", "Cookie", cookie)
                          .status())
                  .as("%s for %s", page, role)
                  .isEqualTo(!allowed.contains(role) ? 403 : file.equals("/run") ? 404 : 200));
    }
    for (String file : ofOne.keySet()) {
      assertThat(
              anonymous
                  .send("GET", file, null, "Accept", "text/html", "Cookie", cookies.get("admin"))
                  .status())
          .as("%s, which is about nothing", file)
          .isEqualTo(404);
    }
  }

  /** The addresses of the pages: where their files are, without the extension. */
  private static List<String> pages() throws IOException {
    Path root = Path.of("src", "main", "webapp");
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> "/" + root.relativize(file).toString().replace('\\', '/'))
          .filter(file -> file.endsWith(".xhtml"))
          .filter(file -> !file.startsWith("/WEB-INF/") && !file.startsWith("/errors/"))
          .map(file -> file.replace(".xhtml", ""))
          .sorted()
          .toList();
    }
  }

  /** Signs in as a browser does, and gives the cookies of the session. */
  private static String signIn(String name, String role) {
    Answer page = anonymous.get("/login");
    Matcher state =
        Pattern.compile("name=\"jakarta.faces.ViewState\"[^>]* value=\"([^\"]+)\"")
            .matcher(page.http().body());
    assertThat(state.find()).isTrue();
    String form =
        Map.of(
                "login",
                "login",
                "signin",
                "signin",
                "username",
                name,
                "password",
                role.equals("admin") ? MimirServer.PASSWORD : PASSWORD,
                "jakarta.faces.ViewState",
                state.group(1))
            .entrySet()
            .stream()
            .map(
                each ->
                    each.getKey()
                        + "="
                        + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    Answer signedIn =
        anonymous.send(
            "POST",
            "/login",
            form,
            "Content-Type",
            "application/x-www-form-urlencoded",
            "Cookie",
            cookies(page));
    assertThat(signedIn.status()).as(name).isEqualTo(302);
    return cookies(signedIn);
  }

  private static String cookies(Answer answer) {
    return answer.http().headers().allValues("Set-Cookie").stream()
        .map(cookie -> cookie.split(";", 2)[0])
        .collect(Collectors.joining("; "));
  }

  /** The roles and scopes that the description names. */
  private static Set<String> told(Operation operation) {
    Set<String> told = new TreeSet<>();
    operation.said().path("x-mimir-roles").forEach(role -> told.add(role.asText()));
    operation
        .said()
        .path("security")
        .forEach(way -> way.path("token").forEach(scope -> told.add(scope.asText())));
    return told;
  }

  @Test
  void everyRouteOfTheGatewayIsForTokensOfItsScope() {
    for (Operation operation : operations) {
      if (operation.isGateway() && !operation.said().path("security").isEmpty()) {
        assertThat(ask(anonymous, operation).status()).as("%s", operation).isEqualTo(401);
        for (String other : List.of("chat", "settings", "metrics")) {
          assertThat(ask(CALLERS.get(other), operation).status())
              .as("%s for %s", operation, other)
              .isEqualTo(403);
        }
        boolean refused = operation.said().path("responses").has("403");
        assertThat(ask(CALLERS.get("gateway"), operation).status() == 403)
            .as("%s for gateway", operation)
            .isEqualTo(refused);
      }
    }
  }

  private static Answer ask(Wire caller, Operation operation) {
    return operation.said().has("requestBody")
        ? caller.send(operation.method(), operation.address(), "{}", "Content-Type", JSON)
        : caller.send(operation.method(), operation.address(), null);
  }

  /** The status is one that the description names, and so is the code of a problem. */
  private static void isDescribed(Operation operation, Answer answer) {
    JsonNode said = operation.said().path("responses").path(String.valueOf(answer.status()));
    assertThat(said.isMissingNode()).as("%s answers %d", operation, answer.status()).isFalse();
    if (answer.header("Content-Type").startsWith("application/problem+json")) {
      assertThat(resolved(said).at("/content/application~1problem+json/schema").toString())
          .as("%s answers %d", operation, answer.status())
          .contains("\"" + answer.text("code") + "\"");
    }
  }

  private static JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? description.at(node.get("$ref").asText().substring(1)) : node;
  }

  @Test
  void answersLookAsTheyAreDescribed() throws InterruptedException {
    Map<String, String> made = new HashMap<>();
    made.put(
        "api-keys",
        created(
            "/api/v1/settings/api-keys",
            "{\"provider\":\"openai\",\"name\":\"described %s\",\"key_value\":\"sk-described-0123456789\"}"));
    made.put(
        "users",
        created(
            "/api/v1/settings/users",
            "{\"username\":\"described-%s\",\"password\":\""
                + PASSWORD
                + "\",\"roles\":[\"user\"]}"));
    made.put("chat", created("/api/v1/chat", "{\"title\":\"described %s\"}"));
    made.put("plugins", "plugin_template");
    String pipeline =
        created(
            "/api/v1/pipelines",
            "{\"definition\":{\"name\":\"described-%s\",\"steps\":[{\"name\":\"say\",\"action\":\"template.render\",\"with\":{\"template\":\"x\",\"data\":{}}}]}}");
    made.put("pipelines", pipeline);
    made.put("runs", ended(pipeline));
    made.put("triggers", "");
    int looked = 0;
    for (Operation operation : operations) {
      JsonNode schema = operation.said().at("/responses/200/content/application~1json/schema");
      String feature = operation.path().replaceFirst("/\\{id}.*", "").replaceFirst(".*/", "");
      boolean askable = !operation.path().contains("{") || made.containsKey(feature);
      if (operation.method().equals("GET")
          && !operation.isGateway()
          && !schema.isMissingNode()
          && askable) {
        String address =
            operation
                .path()
                .replace("{id}", made.getOrDefault(feature, ""))
                .replace("{pipeline}", pipeline)
                .replace("{revision}", "1")
                .replace("{step}", "say");
        Answer answer = admin.get(address);
        assertThat(answer.status()).as(address).isEqualTo(200);
        assertThat(faults(schema, answer.json())).as(address).isEmpty();
        looked++;
      }
    }
    assertThat(looked).isGreaterThan(15);
    admin.delete("/api/v1/settings/api-keys/" + made.get("api-keys"));
    admin.delete("/api/v1/settings/users/" + made.get("users"));
    admin.delete("/api/v1/chat/" + made.get("chat"));
    admin.delete("/api/v1/pipelines/" + pipeline);
  }

  /** Runs a pipeline, which has a trigger then, until the run has ended. */
  private static String ended(String pipeline) throws InterruptedException {
    String below = "/api/v1/pipelines/" + pipeline;
    assertThat(admin.post(below + "/triggers", "{\"kind\":\"webhook\",\"signed\":true}").status())
        .isEqualTo(201);
    String run = admin.post(below + "/runs", "{\"input\":{}}").text("id");
    JsonNode seen = admin.get("/api/v1/runs/" + run).json();
    for (int i = 0; i < 200 && seen.path("finished_at").isNull(); i++) {
      Thread.sleep(50);
      seen = admin.get("/api/v1/runs/" + run).json();
    }
    assertThat(seen.path("status").asText()).as("%s", seen).isEqualTo("succeeded");
    return run;
  }

  private static String created(String path, String body) {
    Answer created = admin.post(path, body.formatted(UUID.randomUUID()));
    assertThat(created.status()).as(created.http().body()).isEqualTo(201);
    JsonNode schema =
        description
            .path("paths")
            .path(path)
            .at("/post/responses/201/content/application~1json/schema");
    assertThat(faults(schema, created.json())).as(path).isEmpty();
    return created.text("id");
  }

  private static Set<ValidationMessage> faults(JsonNode schema, JsonNode value) {
    ObjectNode whole = schema.deepCopy();
    whole.set("components", description.get("components"));
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(whole)
        .validate(value);
  }

  /** What the description calls required, limited or one of some words is refused otherwise. */
  @Test
  void bodiesThatAreNotAsTheyAreDescribedAreRefusedWithTheNameOfTheMember() {
    int tried = 0;
    for (Operation operation : operations) {
      JsonNode example = operation.form().path("example");
      // Ten tests a minute are an administrator's share, there is no second setup, and a password
      // is judged only by whoever knows the one before.
      boolean askable =
          !operation.isGateway()
              && !operation.path().contains("{")
              && !operation.path().endsWith("/test")
              && !operation.path().endsWith("/password")
              && !operation.path().endsWith("/setup");
      if (askable && example.isObject()) {
        for (Map.Entry<String, ObjectNode> wrong : wrong(operation, example).entrySet()) {
          Answer answer =
              admin.send(
                  operation.method(),
                  operation.path(),
                  wrong.getValue().toString(),
                  "Content-Type",
                  JSON);
          assertThat(answer.status()).as("%s with %s", operation, wrong.getValue()).isIn(400, 422);
          assertThat(answer.json().at("/errors/0/field").asText())
              .as("%s with %s", operation, wrong.getValue())
              .startsWith(wrong.getKey().replaceFirst(" .*", ""));
          isDescribed(operation, answer);
          tried++;
        }
      }
    }
    assertThat(tried).isGreaterThan(20);
  }

  /** Copies of an example with one fault each, by the member that is at fault. */
  private static Map<String, ObjectNode> wrong(Operation operation, JsonNode example) {
    Map<String, ObjectNode> wrong = new LinkedHashMap<>();
    JsonNode schema = operation.form().path("schema");
    JsonNode ref = schema.has("allOf") ? schema.at("/allOf/0") : schema;
    for (JsonNode required : schema.at("/allOf/1/required")) {
      ObjectNode without = example.deepCopy();
      without.remove(required.asText());
      wrong.put(required.asText() + " missing", without);
    }
    for (Map.Entry<String, JsonNode> member : resolved(ref).path("properties").properties()) {
      faultsOf(resolved(member.getValue()))
          .forEach(
              (what, value) -> {
                ObjectNode changed = example.deepCopy();
                changed.set(member.getKey(), value);
                wrong.put(member.getKey() + " " + what, changed);
              });
    }
    return wrong;
  }

  private static Map<String, JsonNode> faultsOf(JsonNode member) {
    Map<String, JsonNode> faults = new LinkedHashMap<>();
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    if (member.has("maximum")) {
      faults.put("too large", nodes.numberNode(member.get("maximum").asLong() + 1));
      faults.put("too small", nodes.numberNode(member.get("minimum").asLong() - 1));
    }
    if (member.has("maxLength")) {
      faults.put(
          "too long", nodes.textNode("x1 y2 z3 ".repeat(member.get("maxLength").asInt() / 8 + 1)));
    }
    if (member.has("enum")) {
      faults.put("unknown", nodes.textNode("nonsense"));
    }
    if (member.path("items").has("enum")) {
      faults.put("unknown", nodes.arrayNode().add("nonsense"));
    }
    String type = member.path("type").asText();
    if (Set.of("string", "boolean", "integer").contains(type)) {
      faults.put("of another type", nodes.arrayNode().add(7));
    }
    return faults;
  }

  @Test
  void theNumbersAreWrittenAsPrometheusReadsThem() {
    String key = "/api/v1/settings/api-keys/key_that_nobody_has";
    assertThat(admin.get(key).status()).isEqualTo(404);
    assertThat(anonymous.get(key).status()).isEqualTo(401);
    assertThat(anonymous.get("/v1/models/some-model").status()).isEqualTo(401);
    assertThat(anonymous.get("/v1/some/address").status()).isEqualTo(401);
    Answer answer = CALLERS.get("metrics").get("/metrics");
    String text = answer.http().body();

    Exposition numbers = Exposition.of(text);

    assertThat(answer.header("Content-Type")).startsWith("text/plain; version=0.0.4");
    assertThat(numbers.families())
        .containsKeys(
            "mimir_ready",
            "mimir_check_ok",
            "mimir_http_request_duration_seconds",
            "mimir_database_connections",
            "mimir_database_waiting",
            "mimir_storage_database_bytes",
            "mimir_storage_wal_bytes",
            "mimir_storage_free_bytes",
            "mimir_audit_events_total",
            "mimir_jvm_memory_used_bytes",
            "mimir_jvm_threads");
    for (String[] route :
        new String[][] {
          {"/api/v1/settings/api-keys/{id}", "4xx"},
          {"/api/v1/*", "4xx"},
          {"/v1/models/{id}", "4xx"},
          {"/v1/*", "4xx"},
          {"/openapi", "2xx"}
        }) {
      assertThat(
              numbers.value(
                  "mimir_http_request_duration_seconds",
                  "route",
                  route[0],
                  "method",
                  "GET",
                  "status",
                  route[1]))
          .as(route[0])
          .isPositive();
    }
    assertThat(numbers.value("mimir_audit_events_total", "outcome", "success")).isPositive();
    assertThat(text).doesNotContain("key_that_nobody_has", "some-model", "some/address");
  }

  /** The request that a problem names is found in the log, whatever it was (here: a broken row). */
  @Test
  void aFaultOfTheServerIsFoundInTheLogByTheIdOfItsRequest() throws Exception {
    String id = created("/api/v1/chat", "{\"title\":\"broken %s\"}");
    Path database = MimirServer.shared().dataDir().resolve("mimir.db");
    execute(database, "update conversations set created_at = 'nonsense' where id = '" + id + "'");
    try {
      Answer fault = admin.get("/api/v1/chat/" + id);

      assertThat(fault.status()).isEqualTo(500);
      assertThat(fault.text("code")).isEqualTo("unexpected");
      assertThat(fault.text("request_id"))
          .isEqualTo(fault.header("X-Request-Id"))
          .startsWith("req_");
      String named = "\"request_id\":\"" + fault.text("request_id") + "\"";
      try (Stream<String> lines = Files.lines(MimirServer.shared().logFile())) {
        assertThat(lines.filter(line -> line.contains(named)).toList())
            .anySatisfy(
                line ->
                    assertThat(line)
                        .contains("\"level\":\"SEVERE\"", "ProblemMapper", "PersistenceException"));
      }
      assertThat(MimirServer.shared().terminal()).contains(fault.text("request_id"));
    } finally {
      execute(database, "delete from conversations where id = '" + id + "'");
    }
  }

  private static void execute(Path database, String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      statement.execute("pragma busy_timeout = 20000");
      statement.executeUpdate(sql);
    }
  }
}

package io.mimir.plugin.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.StubProvider;
import io.mimir.web.MimirServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The built-in plugins through the API of a running server. */
class BuiltinsIT {

  private static final String PLUGINS = "api/v1/settings/plugins";
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final List<String> NAMES =
      List.of("http_input", "json_transform", "template", "llm", "file_output");

  @TempDir static Path folder;

  private static MimirServer server;
  private static StubProvider upstream;

  private record Answer(int status, JsonNode json, String body) {
    String text(String name) {
      return json.path(name).asText();
    }
  }

  @BeforeAll
  static void start() throws IOException {
    upstream = StubProvider.start();
    server = start(folder.resolve("data"));
  }

  private static MimirServer start(Path data) {
    return MimirServer.start(
        Map.of(
            "MIMIR_ADMIN_USER",
            MimirServer.ADMIN,
            "MIMIR_ADMIN_PASSWORD",
            MimirServer.PASSWORD,
            "MIMIR_ENDPOINT_ALLOWLIST",
            "127.0.0.1",
            "MIMIR_DATA_DIR",
            data.toString()));
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  /** As after the first start: enabled, and nothing configured. */
  @BeforeEach
  void reset() {
    upstream.reset();
    for (String name : NAMES) {
      String nothing = name.equals("http_input") ? "{\"headers\":null}" : "{}";
      Answer put =
          send("PUT", "/plugin_" + name, "{\"is_enabled\":true,\"config\":" + nothing + "}");
      assertThat(put.status()).as(put.body()).isEqualTo(200);
    }
  }

  private static Answer send(String method, String path, String json) {
    return request(
        method,
        PLUGINS + path,
        "application/json",
        json == null ? new byte[0] : json.getBytes(StandardCharsets.UTF_8),
        MimirServer.ADMIN);
  }

  private static Answer request(String method, String path, String type, byte[] body, String user) {
    String pair = user + ":" + MimirServer.PASSWORD;
    String credentials = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    try {
      HttpResponse<String> response =
          HTTP.send(
              HttpRequest.newBuilder(server.uri(path))
                  .header("Authorization", "Basic " + credentials)
                  .header("Content-Type", type)
                  .method(method, BodyPublishers.ofByteArray(body))
                  .build(),
              BodyHandlers.ofString());
      String text = response.body();
      return new Answer(
          response.statusCode(),
          text.isEmpty() ? JSON.createObjectNode() : JSON.readTree(text),
          text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Answer call(String name, String action, String input) {
    return send("POST", "/plugin_" + name + "/call/" + action, input);
  }

  private static List<JsonNode> listed() {
    List<JsonNode> all = new ArrayList<>();
    send("GET", "", null).json().forEach(all::add);
    return all;
  }

  @Test
  void theyAreListedAsUploadedOnesAre() {
    assertThat(listed())
        .hasSize(NAMES.size())
        .allSatisfy(
            plugin -> {
              assertThat(plugin.path("is_builtin").asBoolean()).isTrue();
              assertThat(plugin.path("is_enabled").asBoolean()).isTrue();
              assertThat(plugin.path("state").asText()).isEqualTo("running");
              assertThat(plugin.path("id").asText())
                  .isEqualTo("plugin_" + plugin.path("name").asText());
              assertThat(plugin.path("file_path").asText())
                  .isEqualTo("builtin:" + plugin.path("name").asText());
              assertThat(plugin.path("version").asText()).isEqualTo("1.0.0");
              assertThat(plugin.path("description").asText()).isNotEmpty();
              assertThat(plugin.path("author").asText()).isEqualTo("Mimir");
              assertThat(plugin.path("sha256").isNull()).isTrue();
              assertThat(plugin.path("jail").isNull()).isTrue();
              assertThat(plugin.path("signature").asBoolean()).isFalse();
              assertThat(plugin.path("generation").asInt()).isZero();
              assertThat(plugin.path("config_schema").path("properties")).isNotEmpty();
              assertThat(plugin.path("actions")).hasSize(1);
              assertThat(plugin.path("actions").get(0).path("input_schema").path("properties"))
                  .isNotEmpty();
            });
    assertThat(listed())
        .extracting(plugin -> plugin.path("name").asText())
        .containsExactlyInAnyOrderElementsOf(NAMES);
    assertThat(listed())
        .extracting(plugin -> plugin.path("type").asText())
        .contains("input", "output", "ai", "data_processing");
    assertThat(send("GET", "/plugin_template/logs", null).body()).isEqualTo("[]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http_input", "json_transform", "template", "llm", "file_output"})
  void theyCanBeSwitchedOffAndNeverDeletedOrTrusted(String name) {
    String id = "/plugin_" + name;
    for (String query : List.of("", "?force=true")) {
      Answer deleted = send("DELETE", id + query, null);
      assertThat(deleted.status()).isEqualTo(403);
      assertThat(deleted.text("code")).isEqualTo("builtin_immutable");
    }
    Answer trusted = send("POST", id + "/trust", null);
    assertThat(trusted.status()).isEqualTo(403);
    assertThat(trusted.text("code")).isEqualTo("builtin_immutable");

    JsonNode before = send("GET", id, null).json();
    Answer reloaded = send("POST", id + "/reload", null);
    assertThat(reloaded.status()).isEqualTo(200);
    assertThat(reloaded.text("state")).isEqualTo("running");
    assertThat(send("GET", id, null).json()).isEqualTo(before);

    Answer off = send("PUT", id, "{\"is_enabled\":false}");
    assertThat(off.text("state")).as(off.body()).isEqualTo("disabled");
    String action = before.path("actions").get(0).path("name").asText();
    Answer refused = call(name, action, "{}");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("code")).isEqualTo("not_running");
    assertThat(send("POST", id + "/reload", null).text("state")).isEqualTo("disabled");
    assertThat(send("PUT", id, "{\"is_enabled\":true}").text("state")).isEqualTo("running");
    assertThat(call(name, "nothing", "{}").status()).isEqualTo(404);
  }

  @Test
  void configurationsFitTheirSchemaAndSecretsAreSealed() throws Exception {
    String id = "/plugin_http_input";
    Answer set =
        send(
            "PUT",
            id,
            "{\"config\":{\"url\":\"%s/api/tags\",\"headers\":\"Authorization: Bearer canary-88412\"}}"
                .formatted(upstream.url()));
    assertThat(set.status()).as(set.body()).isEqualTo(200);
    assertThat(set.json().path("config").has("headers")).isFalse();

    assertThat(call("http_input", "fetch", "{}").text("status")).isEqualTo("200");
    assertThat(upstream.requests())
        .extracting(seen -> seen.headers().get("authorization"))
        .contains("Bearer canary-88412");

    Answer moved = send("PUT", id, "{\"config\":{\"url\":\"http://127.0.0.1:1/\"}}");
    assertThat(moved.status()).isEqualTo(422);
    assertThat(moved.text("code")).isEqualTo("key_required_for_new_origin");
    Answer blocked =
        send("PUT", id, "{\"config\":{\"url\":\"http://169.254.169.254/\",\"headers\":null}}");
    assertThat(blocked.text("code")).isEqualTo("endpoint_blocked");
    Answer unknown = send("PUT", id, "{\"config\":{\"adress\":\"x\"}}");
    assertThat(unknown.status()).isEqualTo(422);
    assertThat(unknown.json().path("errors").get(0).path("field").asText())
        .isEqualTo("config.adress");
    assertThat(send("PUT", "/plugin_file_output", "{\"config\":{\"max_bytes\":0}}").status())
        .isEqualTo(422);

    assertThat(send("GET", "", null).body()).doesNotContain("canary-88412");
    assertThat(Files.readString(server.logFile())).doesNotContain("canary-88412");
    try (Stream<Path> files = Files.walk(server.dataDir())) {
      for (Path file :
          files
              .filter(Files::isRegularFile)
              .filter(each -> each.getFileName().toString().contains("mimir.db"))
              .toList()) {
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
            .doesNotContain("canary-88412");
      }
    }
  }

  @Test
  void aDocumentIsFetchedChangedRenderedAndWritten() throws Exception {
    Answer fetched =
        call("http_input", "fetch", "{\"url\":\"%s/api/tags\"}".formatted(upstream.url()));
    assertThat(fetched.status()).as(fetched.body()).isEqualTo(200);
    String names =
        "[{\"op\":\"select\",\"path\":\"/models\"},{\"op\":\"each\",\"steps\":[{\"op\":\"keep\",\"names\":[\"name\"]}]}]";
    Answer changed =
        call(
            "json_transform",
            "apply",
            "{\"data\":%s,\"steps\":%s}".formatted(fetched.json().path("json"), names));
    assertThat(changed.status()).as(changed.body()).isEqualTo(200);
    Answer rendered =
        call(
            "template",
            "render",
            "{\"template\":\"{{#m}}{{name}};{{/m}}\",\"data\":{\"m\":%s}}"
                .formatted(changed.json().path("data")));
    assertThat(rendered.text("text")).as(rendered.body()).contains("llama3", "mistral");
    Answer written =
        call(
            "file_output",
            "write",
            "{\"name\":\"models.txt\",\"text\":\"%s\",\"overwrite\":true}"
                .formatted(rendered.text("text")));
    assertThat(written.status()).as(written.body()).isEqualTo(200);
    assertThat(server.dataDir().resolve("plugin-files/file_output/models.txt"))
        .hasContent(rendered.text("text"));
  }

  @Test
  void refusalsAreThoseOfUploadedPlugins() {
    Answer blocked =
        call("http_input", "fetch", "{\"url\":\"http://169.254.169.254/latest/meta-data/\"}");
    assertThat(blocked.status()).isEqualTo(422);
    assertThat(blocked.text("code")).isEqualTo("plugin_failed");
    assertThat(blocked.text("detail")).contains("metadata service");
    Answer itself =
        call("http_input", "fetch", "{\"url\":\"%shealth/ready\"}".formatted(server.uri()));
    assertThat(itself.text("detail")).contains("This is Mimir itself");
    Answer missing = call("template", "render", "{\"template\":\"{{name}}\",\"data\":{}}");
    assertThat(missing.status()).isEqualTo(422);
    assertThat(missing.text("detail")).contains("no value for: name");
    Answer escape = call("file_output", "write", "{\"name\":\"../x\",\"text\":\"x\"}");
    assertThat(escape.status()).isEqualTo(422);
    assertThat(call("template", "render", "{\"tmplate\":\"x\"}").text("detail"))
        .contains("tmplate");
  }

  @Test
  void aModelIsAskedAsTheChatAsksIt() throws Exception {
    Answer key =
        request(
            "POST",
            "api/v1/settings/api-keys",
            "application/json",
            "{\"provider\":\"openai\",\"name\":\"Pipelines\",\"key_value\":\"%s\",\"endpoint_url\":\"%s\",\"metadata\":{\"available_models\":[\"gpt-4\"]}}"
                .formatted(StubProvider.KEY, upstream.url())
                .getBytes(StandardCharsets.UTF_8),
            MimirServer.ADMIN);
    assertThat(key.status()).as(key.body()).isEqualTo(201);
    String id = "api/v1/settings/api-keys/" + key.text("id");
    upstream.say("Forty-two");

    Answer answer = call("llm", "chat", "{\"prompt\":\"Hi\",\"model\":\"gpt-4\"}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.text("text")).isEqualTo("Forty-two");
    assertThat(answer.text("key_name")).isEqualTo("Pipelines");
    assertThat(answer.json().path("usage").path("input_tokens").asInt()).isEqualTo(11);
    assertThat(upstream.last().headers().get("authorization"))
        .isEqualTo("Bearer " + StubProvider.KEY);
    JsonNode used = request("GET", id, "text/plain", new byte[0], MimirServer.ADMIN).json();
    assertThat(used.path("last_used_at").isNull()).isFalse();

    upstream.misbehave(StubProvider.Misbehaviour.STATUS_401);
    Answer refused = call("llm", "chat", "{\"prompt\":\"Hi\",\"model\":\"gpt-4\"}");
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.text("detail")).contains("does not accept the key Pipelines");
    assertThat(refused.body()).doesNotContain(StubProvider.KEY);
    assertThat(Files.readString(server.logFile())).doesNotContain(StubProvider.KEY);
    JsonNode failing = request("GET", id, "text/plain", new byte[0], MimirServer.ADMIN).json();
    assertThat(failing.path("status").asText()).isEqualTo("failing");
    assertThat(request("DELETE", id, "text/plain", new byte[0], MimirServer.ADMIN).status())
        .isEqualTo(200);
  }

  @Test
  void anUploadTakesTheNameOfNone() throws Exception {
    boolean gcc =
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "gcc")));
    Assumptions.assumeTrue(gcc, "gcc is not installed");
    Path source = folder.resolve("template.c");
    Files.writeString(
        source,
        Files.readString(Path.of("..", "examples", "c", "text_tools.c"))
            .replace("\\\"text_tools\\\"", "\\\"template\\\""));
    assertThat(source).content().contains("\\\"template\\\"");
    Path library = folder.resolve("template.so");
    Process compiler =
        new ProcessBuilder(
                "gcc",
                "-shared",
                "-fPIC",
                "-I",
                "../sdk",
                source.toString(),
                "-o",
                library.toString())
            .inheritIO()
            .start();
    assertThat(compiler.waitFor(60, TimeUnit.SECONDS)).isTrue();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.so\"\r\n\r\n"
            .getBytes(StandardCharsets.UTF_8));
    body.writeBytes(Files.readAllBytes(library));
    body.writeBytes("\r\n--edge--\r\n".getBytes(StandardCharsets.UTF_8));

    for (String query : List.of("", "?replace=true")) {
      Answer refused =
          request(
              "POST",
              PLUGINS + "/upload" + query,
              "multipart/form-data; boundary=edge",
              body.toByteArray(),
              MimirServer.ADMIN);
      assertThat(refused.status()).as(refused.body()).isEqualTo(409);
      assertThat(refused.text("code")).isEqualTo("name_taken");
    }
    assertThat(send("GET", "/plugin_template", null).json().path("is_builtin").asBoolean())
        .isTrue();
    assertThat(call("template", "render", "{\"template\":\"still here\"}").text("text"))
        .isEqualTo("still here");
  }

  @Test
  void inputsOfManyMegabytesAreTakenAndLargerOnesAreNot() {
    String large = "{\"steps\":[],\"data\":\"" + "x".repeat(7 << 20) + "\"}";
    assertThat(call("json_transform", "apply", large).status()).isEqualTo(200);
    String tooLarge = "{\"steps\":[],\"data\":\"" + "x".repeat(8 << 20) + "\"}";
    assertThat(call("json_transform", "apply", tooLarge).status()).isEqualTo(413);
  }

  @Test
  void aNumberThatNothingCanWorkWithIsTheCallersMistake() {
    for (String number : List.of("1e2147483648", "1e-2147483649", "1e999999999")) {
      Answer answer =
          call("json_transform", "apply", "{\"steps\":[],\"data\":{\"a\":%s}}".formatted(number));
      assertThat(answer.status()).as("%s: %s", number, answer.body()).isIn(200, 400);
    }
  }

  @Test
  void anotherStartBringsTheServersVersionAndLeavesTheRest() throws Exception {
    send("PUT", "/plugin_template", "{\"is_enabled\":false,\"config\":{\"template\":\"mine\"}}");
    List<JsonNode> before = listed();
    int events = events();
    assertThat(server.stop()).isZero();
    age("llm");
    server = start(server.dataDir());

    assertThat(listed().stream().map(BuiltinsIT::withoutTime))
        .as("the older version is brought up, and nothing else is other than before")
        .containsExactlyElementsOf(before.stream().map(BuiltinsIT::withoutTime).toList());
    assertThat(events()).isEqualTo(events);
    assertThat(send("GET", "/plugin_template", null).text("state")).isEqualTo("disabled");
  }

  private static JsonNode withoutTime(JsonNode plugin) {
    return ((ObjectNode) plugin.deepCopy()).without("updated_at");
  }

  /** Makes it one of an older server. */
  private static void age(String name) throws SQLException {
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + server.dataDir().resolve("mimir.db"));
        Statement statement = database.createStatement()) {
      int changed =
          statement.executeUpdate(
              "update plugins set version = '0.9.0', description = 'old' where name = '"
                  + name
                  + "'");
      assertThat(changed).isOne();
    }
  }

  private static int events() {
    Answer audit =
        request(
            "GET",
            "api/v1/audit?actor=system&limit=100",
            "text/plain",
            new byte[0],
            MimirServer.ADMIN);
    assertThat(audit.status()).as(audit.body()).isEqualTo(200);
    return audit.json().size();
  }

  @Test
  void onlyAdministratorsComeNear() {
    assertThat(
            request(
                    "POST",
                    PLUGINS + "/plugin_template/call/render",
                    "application/json",
                    "{\"template\":\"x\"}".getBytes(StandardCharsets.UTF_8),
                    "nobody")
                .status())
        .isEqualTo(401);
  }
}

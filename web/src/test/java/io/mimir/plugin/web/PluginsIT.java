package io.mimir.plugin.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.web.MimirServer;
import io.mimir.web.Strike;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plugins through the API of a running server, made of C by gcc. */
class PluginsIT {

  private static final String PLUGINS = "api/v1/settings/plugins";
  private static final JsonMapper JSON = new JsonMapper();

  /** A plugin whose name, version and bad habits are given. */
  private static final String SOURCE =
      """
      #include "mimir_plugin.h"
      #include <stdlib.h>
      #include <string.h>
      const char mimir_plugin_manifest[] = "{\\"mimir_plugin\\":1,\\"abi\\":1,\\"name\\":\\"@NAME@\\","
        "\\"version\\":\\"@VERSION@\\",\\"type\\":\\"data_processing\\",\\"actions\\":["
        "{\\"name\\":\\"version\\",\\"idempotent\\":true},{\\"name\\":\\"crash\\"},"
        "{\\"name\\":\\"loop\\",\\"timeout_ms\\":300},{\\"name\\":\\"refuse\\"},"
        "{\\"name\\":\\"text\\"},{\\"name\\":\\"latin\\"},{\\"name\\":\\"nothing\\"}]}";
      uint32_t mimir_plugin_abi_version(void) { return 1; }
      int32_t mimir_plugin_open(const uint8_t *c, size_t n, const mimir_host_v1 *h, void **i,
                                uint8_t **e, size_t *m) { *i = (void *) h; return @OPEN@; }
      int32_t mimir_plugin_call(void *i, const char *a, const uint8_t *in, size_t n,
                                uint8_t **out, size_t *m) {
        const char *text = "\\"@VERSION@\\"";
        if (!strcmp(a, "crash")) { *(volatile int *) 8 = 1; }
        if (!strcmp(a, "loop")) { for (;;) { } }
        if (!strcmp(a, "refuse")) { text = "{\\"code\\":\\"no\\",\\"message\\":\\"not today\\"}"; }
        if (!strcmp(a, "text")) { text = "no JSON"; }
        if (!strcmp(a, "latin")) { text = "\\"\\xe9\\""; }
        if (!strcmp(a, "nothing")) { text = ""; }
        *out = (uint8_t *) strdup(text);
        *m = strlen(text);
        return strcmp(a, "refuse") ? 0 : 1;
      }
      void mimir_plugin_free(uint8_t *b, size_t n) { free(b); }
      void mimir_plugin_close(void *i) { }
      """;

  /** A plugin that uses up what it can. Its first member is of the permission to make folders. */
  private static final String GREEDY =
      """
      #define _GNU_SOURCE
      #include "mimir_plugin.h"
      #include <fcntl.h>
      #include <pthread.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/stat.h>
      #include <unistd.h>
      const char mimir_plugin_manifest[] = "{\\"mimir_plugin\\":1,\\"abi\\":1,\\"name\\":\\"greedy\\","
        "\\"version\\":\\"1.0.0\\",\\"type\\":\\"output\\",\\"permissions\\":[\\"work_folder_tree\\"],"
        "\\"limits\\":{\\"idle_cpu_ms\\":500},\\"actions\\":[{\\"name\\":\\"files\\"},{\\"name\\":\\"bytes\\"},"
        "{\\"name\\":\\"threads\\"},{\\"name\\":\\"spin\\"},{\\"name\\":\\"nest\\"}]}";
      static void *spin(void *a) { for (;;) { } return a; }
      static void *rest(void *a) { pause(); return a; }
      static void start(void *(*what)(void *)) {
        pthread_t thread;
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, 65536);
        pthread_create(&thread, &attributes, what, 0);
      }
      uint32_t mimir_plugin_abi_version(void) { return 1; }
      int32_t mimir_plugin_open(const uint8_t *c, size_t n, const mimir_host_v1 *h, void **i,
                                uint8_t **e, size_t *m) { return 0; }
      int32_t mimir_plugin_call(void *i, const char *a, const uint8_t *in, size_t n,
                                uint8_t **out, size_t *m) {
        static char block[1 << 20];
        char name[32];
        for (int k = 0; !strcmp(a, "files") && k < 20000; k++) {
          snprintf(name, sizeof name, "file-%d", k);
          close(open(name, O_CREAT | O_WRONLY, 0600));
        }
        for (int k = 0; !strcmp(a, "bytes") && k < 1280; k++) {
          snprintf(name, sizeof name, "bytes-%d", k / 32);
          int fd = open(name, O_CREAT | O_WRONLY | O_APPEND, 0600);
          if (write(fd, block, sizeof block) < 0) { break; }
          close(fd);
        }
        for (int k = 0; !strcmp(a, "threads") && k < 4000; k++) { start(rest); }
        for (int k = 0; !strcmp(a, "nest") && k < 3000; k++) {
          if (mkdir("d", 0700) || chdir("d")) { break; }
        }
        if (!strcmp(a, "spin")) { start(spin); }
        *out = 0;
        *m = 0;
        return 0;
      }
      void mimir_plugin_free(uint8_t *b, size_t n) { free(b); }
      void mimir_plugin_close(void *i) { }
      """;

  @TempDir static Path folder;

  private static MimirServer server;
  private static Strike strike;

  private record Answer(int status, JsonNode json, String body) {
    String text(String name) {
      return json.path(name).asText();
    }
  }

  private static Path command(String name) {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(place -> Path.of(place, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(command("gcc") != null, "gcc is not installed");
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "Plugins are .so files here");
    strike = Strike.in(folder);
    server = start(folder.resolve("data"));
  }

  private static MimirServer start(Path data) {
    Map<String, String> settings = new HashMap<>(strike.settings());
    settings.put("MIMIR_ADMIN_USER", MimirServer.ADMIN);
    settings.put("MIMIR_ADMIN_PASSWORD", MimirServer.PASSWORD);
    settings.put("MIMIR_DATA_DIR", data.toString());
    return MimirServer.start(settings);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static Path compile(String name, String version, String open) throws Exception {
    Path source = folder.resolve(name + "-" + version + ".c");
    Files.writeString(
        source,
        SOURCE.replace("@NAME@", name).replace("@VERSION@", version).replace("@OPEN@", open));
    return compile(source);
  }

  private static Path compile(Path source) throws Exception {
    Path library = folder.resolve(source.getFileName().toString().replace(".c", ".so"));
    run("gcc", "-shared", "-fPIC", "-I", "../sdk", source.toString(), "-o", library.toString());
    return library;
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static Answer send(String method, String path, String json) {
    return send(
        method,
        path,
        "application/json",
        json == null ? new byte[0] : json.getBytes(StandardCharsets.UTF_8),
        MimirServer.ADMIN);
  }

  /** The events of one plugin, newest first. */
  private static JsonNode events(String id, String action) {
    return send("GET", "/../../audit?action=" + action + "&target=" + id, null).json();
  }

  /** What the log says of the calls of one plugin: action, outcome and problem, newest first. */
  private static List<String> calls(String id) {
    List<String> calls = new ArrayList<>();
    for (JsonNode event : events(id, "plugin.call")) {
      calls.add(
          "%s %s %s"
              .formatted(
                  event.path("changes").path(0).path("new").asText(),
                  event.path("outcome").asText(),
                  event.path("changes").path(1).path("new").asText("")));
    }
    return calls;
  }

  /** Whether the server itself wrote a failure down. */
  private static boolean audited(String action, String target) {
    String query = "../../audit?actor=system&action=" + action + "&target=" + target;
    return send("GET", "/" + query, null).body().contains("failure");
  }

  private static Answer send(String method, String path, String type, byte[] body, String user) {
    String pair = user + ":" + MimirServer.PASSWORD;
    URI uri = server.uri(PLUGINS + path).normalize();
    try {
      HttpResponse<String> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(uri)
                      .header(
                          "Authorization",
                          "Basic "
                              + Base64.getEncoder()
                                  .encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
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
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Answer upload(String query, Map<String, Object> parts) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Map.Entry<String, Object> part : parts.entrySet()) {
      boolean file = part.getValue() instanceof Path;
      String head =
          "--edge\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n"
              .formatted(part.getKey(), file ? "; filename=\"../../etc/x.so\"" : "");
      body.writeBytes(head.getBytes(StandardCharsets.UTF_8));
      body.writeBytes(
          file
              ? Files.readAllBytes((Path) part.getValue())
              : part.getValue().toString().getBytes(StandardCharsets.UTF_8));
      body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    }
    body.writeBytes("--edge--\r\n".getBytes(StandardCharsets.UTF_8));
    return send(
        "POST",
        "/upload" + query,
        "multipart/form-data; boundary=edge",
        body.toByteArray(),
        MimirServer.ADMIN);
  }

  private static List<String> stored() throws IOException {
    try (Stream<Path> files = Files.walk(server.dataDir().resolve("plugins"))) {
      return files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).toList();
    }
  }

  private static String running(String name, String version) throws Exception {
    Answer uploaded = upload("", Map.of("file", compile(name, version, "0")));
    assertThat(uploaded.status()).as(uploaded.body()).isEqualTo(201);
    Answer trusted = send("POST", "/" + uploaded.text("id") + "/trust", null);
    assertThat(trusted.text("state")).as(trusted.body()).isEqualTo("running");
    return uploaded.text("id");
  }

  private static Answer call(String id, String action) {
    return send("POST", "/" + id + "/call/" + action, "{}");
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.call()) {
      assertThat(System.nanoTime()).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** T31: no row without its file, no file without its row, and the next one is taken. */
  @ParameterizedTest
  @ValueSource(ints = 28)
  void anUploadIsWholeOrNotAtAllWhicheverWriteFails(int errno) throws Exception {
    int struck = 0;
    for (int n = 1; n <= 60; n++) {
      String name = "fault-%d-%d".formatted(errno, n);
      Path file = compile(name, "1.0.0", "0");
      strike.arm(n, errno);
      Answer answer = upload("", Map.of("file", file));
      boolean spared = !strike.hasStruck();
      strike.disarm();
      boolean listed = send("GET", "", null).body().contains('"' + name + '"');
      boolean kept = stored().stream().anyMatch(each -> each.startsWith(name + "-"));
      assertThat(answer.status()).as("write %d: %s", n, answer.body()).isIn(201, 503);
      assertThat(listed).as("write %d", n).isEqualTo(answer.status() == 201);
      assertThat(kept).as("write %d", n).isEqualTo(answer.status() == 201);
      if (spared) {
        break;
      }
      struck = n;
      if (!listed) {
        assertThat(upload("", Map.of("file", file)).status()).as("after it").isEqualTo(201);
      }
    }
    assertThat(struck).as("writes that failed").isBetween(2, 59);
  }

  @Test
  void aPluginIsUploadedTrustedCalledConfiguredReloadedAndDeleted() throws Exception {
    Path tools = compile(Path.of("..", "examples", "c", "text_tools.c"));
    Answer uploaded =
        upload("", Map.of("file", tools, "name", "Text tools", "description", "Counts words"));
    String id = uploaded.text("id");
    assertThat(uploaded.status()).as(uploaded.body()).isEqualTo(201);
    assertThat(uploaded.text("state")).isEqualTo("awaiting_trust");
    assertThat(uploaded.text("reason")).isEqualTo("UNSIGNED");
    assertThat(uploaded.json().path("checks")).isNotEmpty();
    assertThat(uploaded.text("file_path")).startsWith("text_tools-");
    assertThat(call(id, "upper").status()).isEqualTo(409);

    Answer another = send("POST", "/" + id + "/trust?sha256=" + "0".repeat(64), null);
    assertThat(another.status()).as(another.body()).isEqualTo(412);
    assertThat(stateOf("text_tools")).isEqualTo("awaiting_trust");
    Answer trusted = send("POST", "/" + id + "/trust?sha256=" + uploaded.text("sha256"), null);
    assertThat(trusted.text("state")).as(trusted.body()).isEqualTo("running");
    assertThat(trusted.json().path("jail").path("no_new_privs").asBoolean()).isTrue();
    assertThat(trusted.json().path("jail").path("missing").isArray())
        .as("what the kernel has no means for is named")
        .isTrue();
    assertThat(send("POST", "/" + id + "/call/upper", "\"abc\"").body()).isEqualTo("\"ABC\"");
    assertThat(call(id, "nothing").status()).isEqualTo(404);

    Answer configured =
        send("PUT", "/" + id, "{\"config\":{\"greeting\":\"hi\",\"token\":\"canary-51372\"}}");
    assertThat(configured.status()).as(configured.body()).isEqualTo(200);
    assertThat(configured.json().path("config").toString()).isEqualTo("{\"greeting\":\"hi\"}");
    assertThat(send("PUT", "/" + id, "{\"config\":{\"greting\":\"hi\"}}").status()).isEqualTo(422);
    assertThat(send("GET", "", null).body()).doesNotContain("canary-51372");
    assertThat(events(id, "plugin.configure").path(0).path("changes").toString())
        .isEqualTo(
            "[{\"field\":\"config.greeting\",\"old\":null,\"new\":\"hi\"},"
                + "{\"field\":\"config.token\",\"old\":null,\"new\":null}]");
    assertThat(events(id, "plugin.trust").path(0).path("changes").toString())
        .contains(uploaded.text("sha256"));
    assertThat(events(id, "plugin.upload").path(0).path("target_name").asText())
        .isEqualTo("text_tools");
    assertThat(send("GET", "/" + id + "/logs", null).body()).contains("configured");

    int generation = send("POST", "/" + id + "/reload", null).json().path("generation").asInt();
    assertThat(generation).isEqualTo(3);
    assertThat(send("PUT", "/" + id, "{\"is_enabled\":false}").text("state")).isEqualTo("disabled");
    assertThat(call(id, "upper").status()).isEqualTo(409);
    assertThat(send("PUT", "/" + id, "{\"is_enabled\":true}").text("state")).isEqualTo("running");
    assertThat(send("DELETE", "/" + id, null).status()).isEqualTo(200);
    assertThat(send("DELETE", "/" + id, null).status()).isEqualTo(404);
    assertThat(stored()).noneMatch(name -> name.startsWith("text_tools"));
    assertThat(Files.readString(server.logFile())).doesNotContain("canary-51372");
  }

  @Test
  void aCrashEndsItsCallAndHarmsNothing() throws Exception {
    String id = running("crasher", "1.0.0");
    long pid = server.serverProcesses().get(0).pid();

    Answer crashed = call(id, "crash");
    assertThat(crashed.status()).isEqualTo(502);
    assertThat(crashed.text("detail")).contains("SIGSEGV");
    assertThat(call(id, "version").body()).isEqualTo("\"1.0.0\"");
    assertThat(call(id, "loop").status()).isEqualTo(504);
    assertThat(call(id, "version").body()).isEqualTo("\"1.0.0\"");
    assertThat(call(id, "nothing").body()).isEqualTo("null");
    for (String action : List.of("text", "latin")) {
      Answer none = call(id, action);
      assertThat(none.status()).as(none.body()).isEqualTo(502);
      assertThat(none.text("detail")).contains("The plugin's answer is no JSON");
    }
    Answer refused = call(id, "refuse");
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.body()).contains("not today");
    assertThat(calls(id))
        .containsExactly(
            "refuse failure " + refused.text("code"),
            "latin failure plugin_crashed",
            "text failure plugin_crashed",
            "nothing success ",
            "version success ",
            "loop failure plugin_deadline",
            "version success ",
            "crash failure plugin_crashed");
    // The endless loop was ended from outside: that is a crash as well.
    for (int crash = 3; crash <= 5; crash++) {
      await(() -> stateOf("crasher").equals("running"));
      call(id, "crash");
    }
    await(() -> stateOf("crasher").equals("quarantined"));
    assertThat(find("crasher").path("reason").asText()).isEqualTo("CRASHED");
    assertThat(find("crasher").path("detail").asText()).contains("SIGSEGV");
    await(() -> audited("plugin.fail", "crasher"));
    assertThat(call(id, "version").status()).isEqualTo(409);
    assertThat(send("PUT", "/" + id, "{\"is_enabled\":true}").text("state")).isEqualTo("running");
    assertThat(call(id, "version").body()).isEqualTo("\"1.0.0\"");
    assertThat(server.serverProcesses().get(0).pid()).isEqualTo(pid);
    assertThat(Files.readString(Path.of("/proc/" + pid + "/maps")))
        .as("the server itself loads no plugin and no JNA")
        .doesNotContain("jnidispatch", "crasher", "memfd");
    send("DELETE", "/" + id, null);
  }

  @Test
  void anotherVersionTakesOverWithoutLosingACall() throws Exception {
    String id = running("swapped", "1.0.0");
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService callers = Executors.newFixedThreadPool(4);
    List<Future<Set<String>>> seen = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      seen.add(callers.submit(() -> versionsUntil(over, id)));
    }
    Path next = compile("swapped", "1.1.0", "0");
    Answer untrusted = upload("?replace=false", Map.of("file", next));
    assertThat(untrusted.status()).isEqualTo(409);
    assertThat(untrusted.text("detail")).startsWith("There already is a plugin named swapped");
    Files.writeString(
        server.dataDir().resolve("plugins").resolve("trusted.sha256"),
        sha256(next) + "  swapped.so\n");
    Answer replaced = upload("?replace=true", Map.of("file", next));
    assertThat(replaced.status()).as(replaced.body()).isEqualTo(201);
    for (int i = 0; i < 3; i++) {
      assertThat(send("POST", "/" + id + "/reload", null).status()).isEqualTo(200);
    }
    over.set(true);
    Set<String> all = new HashSet<>();
    for (Future<Set<String>> each : seen) {
      all.addAll(each.get(30, TimeUnit.SECONDS));
    }
    callers.shutdown();
    Files.delete(server.dataDir().resolve("plugins").resolve("trusted.sha256"));
    Answer older = upload("?replace=true", Map.of("file", compile("swapped", "0.9.0", "0")));

    assertThat(all).containsExactlyInAnyOrder("\"1.0.0\"", "\"1.1.0\"");
    assertThat(older.status()).isEqualTo(422);
    assertThat(older.body()).contains("DOWNGRADE");
    assertThat(call(id, "version").body()).isEqualTo("\"1.1.0\"");
    send("DELETE", "/" + id, null);
  }

  @Test
  void anUnsignedVersionWaitsBesideTheOneThatRunsUntilItIsTrusted() throws Exception {
    String id = running("beside", "1.0.0");
    Answer first =
        upload(
            "?replace=true",
            Map.of("file", compile("beside", "1.1.0", "0"), "name", "Mine", "description", "Own"));
    assertThat(first.status()).as(first.body()).isEqualTo(201);
    assertThat(first.text("message")).contains("1.1.0").contains("1.0.0 goes on");
    Answer waits = upload("?replace=true", Map.of("file", compile("beside", "1.2.0", "0")));
    assertThat(waits.text("state")).isEqualTo("running");
    assertThat(waits.text("version")).isEqualTo("1.0.0");
    assertThat(waits.json().path("next").path("version").asText()).isEqualTo("1.2.0");
    assertThat(waits.json().path("next").path("reason").asText()).isEqualTo("UNSIGNED");
    assertThat(call(id, "version").body()).isEqualTo("\"1.0.0\"");
    assertThat(stored().stream().filter(name -> name.startsWith("beside-")))
        .as("the one that runs, and the last of those that wait")
        .hasSize(2);

    Answer trusted = send("POST", "/" + id + "/trust", null);
    assertThat(trusted.text("version")).as(trusted.body()).isEqualTo("1.2.0");
    assertThat(trusted.text("state")).isEqualTo("running");
    assertThat(trusted.json().has("next")).isFalse();
    assertThat(trusted.text("display_name")).as("what was chosen stays").isEqualTo("Mine");
    assertThat(trusted.text("description")).isEqualTo("Own");
    assertThat(call(id, "version").body()).isEqualTo("\"1.2.0\"");
    assertThat(stored().stream().filter(name -> name.startsWith("beside-"))).hasSize(1);

    assertThat(upload("?replace=true", Map.of("file", compile("beside", "1.3.0", "1"))).status())
        .isEqualTo(201);
    assertThat(send("POST", "/" + id + "/trust", null).text("code")).isEqualTo("plugin_failed");
    assertThat(call(id, "version").body()).as("it does not open").isEqualTo("\"1.2.0\"");
    send("DELETE", "/" + id, null);
    assertThat(stored()).noneMatch(name -> name.startsWith("beside-"));
  }

  @Test
  void aFileThatWasChangedMakesItsPluginTamperedAtTheNextReload() throws Exception {
    String id = running("changed", "1.0.0");
    damage(server.dataDir(), "changed");

    Answer reload = send("POST", "/" + id + "/reload", null);

    assertThat(reload.status()).isEqualTo(409);
    assertThat(reload.text("detail"))
        .startsWith("Its file is not the one that was taken in")
        .doesNotContainIgnoringCase("signature")
        .doesNotContain("trust this exact file");
    JsonNode plugin = find("changed");
    assertThat(plugin.path("state").asText()).isEqualTo("tampered");
    assertThat(plugin.path("reason").asText()).isEqualTo("HASH_MISMATCH");
    assertThat(plugin.path("fix").asText()).doesNotContain("trust this exact file");
    assertThat(call(id, "version").status()).isEqualTo(409);
    assertThat(send("POST", "/" + id + "/trust", null).status()).isEqualTo(409);
    Answer again = upload("?replace=true", Map.of("file", compile("changed", "1.0.0", "0")));
    assertThat(again.text("state")).as("the file that is trusted").isEqualTo("running");
    send("DELETE", "/" + id, null);
  }

  /** T46: each deed alone is ended, and harms nobody else. */
  @Test
  void whatUsesUpMoreThanItMayIsEndedAndHarmsNobody() throws Exception {
    String other = running("frugal", "1.0.0");
    String id = greedy();
    for (String deed : List.of("files", "bytes", "threads", "spin", "nest")) {
      int before = find("greedy").path("generation").asInt();
      assertThat(call(id, deed).status()).as(deed).isIn(200, 502);
      await(() -> find("greedy").path("generation").asInt() > before);
      await(() -> stateOf("greedy").equals("running"));
      assertThat(send("GET", "/" + id + "/logs", null).body()).as(deed).contains("QUOTA_EXCEEDED");
      assertThat(call(other, "version").body()).as("beside " + deed).isEqualTo("\"1.0.0\"");
      // Five ends in a minute would be too many.
      assertThat(send("POST", "/" + id + "/reload", null).status()).isEqualTo(200);
    }
    await(() -> works() <= 3);
    assertThat(send("DELETE", "/" + id, null).status()).isEqualTo(200);
    send("DELETE", "/" + other, null);
  }

  private static String greedy() throws Exception {
    Path source = Files.writeString(folder.resolve("greedy.c"), GREEDY);
    String id = upload("", Map.of("file", compile(source))).text("id");
    assertThat(send("POST", "/" + id + "/trust", null).text("state")).isEqualTo("running");
    return id;
  }

  private static long works() throws IOException {
    try (Stream<Path> work = Files.list(server.dataDir().resolve("plugin-work"))) {
      return work.count();
    }
  }

  @Test
  void aNameThatIsNoLibrarysIsRefused() {
    byte[] body =
        ("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.exe\"\r\n\r\nMZ"
                + "\r\n--edge--\r\n")
            .getBytes(StandardCharsets.UTF_8);

    Answer answer =
        send("POST", "/upload", "multipart/form-data; boundary=edge", body, MimirServer.ADMIN);

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body()).contains("ends in .so or .dll");
  }

  @Test
  void aFormThatIsTooLargeOrHasTooManyPartsIsRefused() {
    String type = "multipart/form-data; boundary=edge";
    String part = "--edge\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n";
    byte[] large =
        (part.formatted("file") + "x".repeat(70_000_000) + "\r\n--edge--\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] many =
        ((part.formatted("name") + "\r\n").repeat(100_000) + "--edge--\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);

    Answer refused = send("POST", "/upload", type, large, MimirServer.ADMIN);
    Answer counted = send("POST", "/upload", type, many, MimirServer.ADMIN);

    assertThat(refused.status()).as(refused.body()).isEqualTo(413);
    assertThat(refused.text("code")).isEqualTo("too_large");
    assertThat(counted.status()).as(counted.body()).isEqualTo(400);
    assertThat(counted.text("code")).isEqualTo("malformed");
  }

  private static Set<String> versionsUntil(AtomicBoolean over, String id) {
    Set<String> versions = new HashSet<>();
    while (!over.get()) {
      Answer answer = call(id, "version");
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      versions.add(answer.body());
    }
    return versions;
  }

  private static String sha256(Path file) throws Exception {
    return java.util.HexFormat.of()
        .formatHex(
            java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }

  @Test
  void whatIsRefusedLeavesNothingBehind() throws Exception {
    List<String> before = stored();
    Path text = Files.writeString(folder.resolve("text.so"), "no library at all");
    Answer noLibrary = upload("", Map.of("file", text));
    assertThat(noLibrary.status()).isEqualTo(422);
    assertThat(noLibrary.body()).contains("NOT_A_LIBRARY").doesNotContain("etc/x.so");

    Path good = compile("refused", "1.0.0", "0");
    assertThat(upload("", Map.of("file", good, "type", "output")).status()).isEqualTo(422);
    assertThat(upload("", Map.of("file", good, "name", "<b>x</b>")).status()).isEqualTo(422);
    assertThat(upload("", Map.of("file", good, "is_builtin", "true")).status()).isEqualTo(400);
    assertThat(upload("", Map.of("name", "nothing else")).status()).isEqualTo(400);
    assertThat(upload("", Map.of("file", good, "signature", "nonsense")).body())
        .contains("MALFORMED_SIGNATURE");
    assertThat(send("POST", "/upload", "application/json", new byte[2], MimirServer.ADMIN).status())
        .isEqualTo(415);

    assertThat(stored()).isEqualTo(before);
    assertThat(send("GET", "", null).body()).doesNotContain("refused");
  }

  @Test
  void ofManyUploadsOfOneNameOneIsTaken() throws Exception {
    Path plugin = compile("contested", "1.0.0", "0");
    ExecutorService uploaders = Executors.newFixedThreadPool(8);
    List<Future<Integer>> answers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      answers.add(uploaders.submit(() -> upload("", Map.of("file", plugin)).status()));
    }
    List<Integer> statuses = new ArrayList<>();
    for (Future<Integer> answer : answers) {
      statuses.add(answer.get(60, TimeUnit.SECONDS));
    }
    uploaders.shutdown();

    assertThat(statuses).containsOnlyOnce(201).containsOnly(201, 409);
    assertThat(stored().stream().filter(name -> name.startsWith("contested"))).hasSize(1);
    for (JsonNode each : send("GET", "", null).json()) {
      if (each.path("name").asText().equals("contested")) {
        send("DELETE", "/" + each.path("id").asText(), null);
      }
    }
  }

  @Test
  void aPluginThatDoesNotOpenIsTrustedInVain() throws Exception {
    Answer uploaded = upload("", Map.of("file", compile("closed", "1.0.0", "1")));
    Answer trusted = send("POST", "/" + uploaded.text("id") + "/trust", null);

    assertThat(trusted.status()).isEqualTo(422);
    assertThat(trusted.text("code")).isEqualTo("plugin_failed");
    assertThat(send("GET", "/" + uploaded.text("id"), null).json().path("is_enabled").asBoolean())
        .isFalse();
    send("DELETE", "/" + uploaded.text("id"), null);
  }

  @Test
  void aPublishersSignatureIsTrustEnough() throws Exception {
    assumeTrue(command("ssh-keygen") != null, "ssh-keygen is not installed");
    Path key = folder.resolve("publisher");
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "acme", "-f", key.toString());
    Path plugin = compile("acme-signed", "1.0.0", "0");
    run(
        "ssh-keygen",
        "-q",
        "-Y",
        "sign",
        "-n",
        "mimir-plugin",
        "-f",
        key.toString(),
        plugin.toString());
    Path signature = Path.of(plugin + ".sig");
    Answer unknown = upload("", Map.of("file", plugin, "signature", signature));
    assertThat(unknown.text("reason")).as(unknown.body()).isEqualTo("UNKNOWN_KEY");
    send("DELETE", "/" + unknown.text("id"), null);

    String publicKey = Files.readString(Path.of(key + ".pub")).strip();
    Answer added =
        send(
            "POST",
            "/publishers",
            "{\"name\":\"Acme\",\"kind\":\"ssh\",\"public_key\":\"%s\",\"name_pattern\":\"acme-*\"}"
                .formatted(publicKey));
    assertThat(added.status()).as(added.body()).isEqualTo(201);
    Answer signed = upload("", Map.of("file", plugin, "signature", signature));
    assertThat(signed.text("state")).as(signed.body()).isEqualTo("running");

    Path other = compile("acme-other", "1.0.0", "0");
    Answer forged = upload("", Map.of("file", other, "signature", signature));
    assertThat(forged.status()).isEqualTo(422);
    assertThat(forged.body()).contains("SIGNATURE_INVALID");

    assertThat(send("DELETE", "/publishers/" + added.text("id"), null).status()).isEqualTo(200);
    Answer reload = send("POST", "/" + signed.text("id") + "/reload", null);
    assertThat(reload.status()).as("a revoked publisher starts nothing any more").isEqualTo(409);
    send("DELETE", "/" + signed.text("id"), null);
  }

  @Test
  void whatRanRunsAgainAfterAKillAndAChangedFileDoesNot() throws Exception {
    running("survivor", "1.0.0");
    running("altered", "1.0.0");
    running("lost", "1.0.0");
    String greedy = greedy();
    long hosts = hosts();
    assertThat(hosts).isPositive();
    // 3,000 folders in each other, or as many as it makes in a quarter of a second.
    call(greedy, "nest");
    server.kill();
    await(() -> hosts() == 0);
    Path data = server.dataDir();
    damage(data, "altered");
    try (Stream<Path> files = Files.list(data.resolve("plugins"))) {
      for (Path file :
          files.filter(each -> each.getFileName().toString().startsWith("lost")).toList()) {
        Files.delete(file);
      }
    }
    server = start(data);

    await(() -> stateOf("survivor").equals("running"));
    await(() -> works() <= 3);
    await(() -> stateOf("altered").equals("tampered"));
    await(() -> stateOf("lost").equals("missing"));
    assertThat(find("lost").path("reason").asText()).isEqualTo("FILE_MISSING");
    assertThat(find("lost").path("fix").asText()).contains("again");
    await(() -> audited("plugin.load", "altered"));
    for (JsonNode plugin : send("GET", "", null).json()) {
      send("DELETE", "/" + plugin.path("id").asText(), null);
    }
  }

  /** Changes the last byte of a plugin's stored file. */
  private static void damage(Path data, String name) throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("plugins"))) {
      for (Path file :
          files.filter(each -> each.getFileName().toString().startsWith(name)).toList()) {
        Files.setPosixFilePermissions(
            file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
      }
    }
  }

  private static String stateOf(String name) {
    for (JsonNode plugin : send("GET", "", null).json()) {
      if (plugin.path("name").asText().equals(name)) {
        return plugin.path("state").asText();
      }
    }
    return "";
  }

  private static long hosts() {
    String mine = server.dataDir().toString();
    return ProcessHandle.allProcesses()
        .filter(
            process ->
                process
                    .info()
                    .commandLine()
                    .filter(line -> line.contains("plugin.host.Main") && line.contains(mine))
                    .isPresent())
        .count();
  }

  /** Somebody who uploads, reloads, replaces and deletes one plugin until the server is gone. */
  private static final class Tinkerer extends Thread {

    private final String plugin;
    private final Path[] versions;
    private final Random random;

    /** The version that was acknowledged, 0 for none, and the one that was asked for since. */
    private volatile int known;

    private volatile int wanted;
    private volatile int deeds;

    Tinkerer(String plugin, long seed) throws Exception {
      this.plugin = plugin;
      this.random = new Random(seed);
      versions = new Path[] {null, compile(plugin, "1.0.0", "0"), compile(plugin, "2.0.0", "0")};
    }

    @Override
    public void run() {
      try {
        while (true) {
          tinker();
          deeds++;
        }
      } catch (java.io.UncheckedIOException e) {
        // The server was killed, as it should be.
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    private void tinker() throws IOException {
      int deed = random.nextInt(3);
      Answer answer;
      if (known == 0) {
        wanted = 1;
        answer = upload("", Map.of("file", versions[1]));
      } else if (deed == 0) {
        answer = send("POST", "/" + find(plugin).path("id").asText() + "/reload", null);
      } else if (deed == 1 && known == 1) {
        wanted = 2;
        answer = upload("?replace=true", Map.of("file", versions[2]));
      } else {
        wanted = 0;
        answer = send("DELETE", "/" + find(plugin).path("id").asText(), null);
      }
      assertThat(answer.status()).as(answer.body()).isIn(200, 201);
      known = wanted;
    }

    /** One of both, whole; then it is the known one. */
    void check() throws Exception {
      JsonNode found = find(plugin);
      int version = Integer.parseInt(found.path("version").asText("0").substring(0, 1));
      assertThat(version).as(plugin).isIn(known, wanted);
      known = wanted = version;
      if (version > 0) {
        await(() -> stateOf(plugin).equals("running"));
        assertThat(call(found.path("id").asText(), "version").body())
            .isEqualTo("\"" + version + ".0.0\"");
      }
    }
  }

  private static JsonNode find(String name) {
    for (JsonNode plugin : send("GET", "", null).json()) {
      if (plugin.path("name").asText().equals(name)) {
        return plugin;
      }
    }
    return JSON.createObjectNode();
  }

  /** Twice in the tests; {@code -Dmimir.kills=50} does it in a loop, for docs/measurements.md. */
  @Test
  void whatWasUnderWayAtAKillIsWholeOrGoneAtTheNextStart() throws Exception {
    Path data = server.dataDir();
    Tinkerer[] all = new Tinkerer[3];
    StringBuilder allowed = new StringBuilder();
    for (int i = 0; i < all.length; i++) {
      all[i] = new Tinkerer("kill-" + i, i);
      for (int version = 1; version <= 2; version++) {
        allowed.append(sha256(all[i].versions[version])).append("  kill.so\n");
      }
    }
    Files.writeString(data.resolve("plugins").resolve("trusted.sha256"), allowed);
    int deeds = 0;
    for (int kill = 0; kill < Integer.getInteger("mimir.kills", 2); kill++) {
      for (int i = 0; i < all.length; i++) {
        Tinkerer before = all[i];
        all[i] = new Tinkerer(before.plugin, 31L * kill + i);
        all[i].known = all[i].wanted = before.known;
        all[i].start();
      }
      TimeUnit.MILLISECONDS.sleep(1_000 + new Random(kill).nextInt(3_000));
      server.kill();
      for (Tinkerer each : all) {
        each.join();
        deeds += each.deeds;
      }
      await(() -> hosts() == 0);
      server = start(data);
      for (Tinkerer each : all) {
        each.check();
      }
      Set<String> rows = new HashSet<>();
      send("GET", "", null).json().forEach(row -> rows.add(row.path("file_path").asText()));
      await(
          () ->
              stored().stream().allMatch(file -> file.endsWith(".sha256") || rows.contains(file)));
      try (Stream<Path> work = Files.list(data.resolve("plugin-work"))) {
        assertThat(work.count()).as("work folders").isLessThanOrEqualTo(all.length + 2L);
      }
    }
    System.out.println(deeds + " acknowledged deeds");
    assertThat(deeds).isPositive();
    for (Tinkerer each : all) {
      send("DELETE", "/" + find(each.plugin).path("id").asText(), null);
    }
    Files.delete(data.resolve("plugins").resolve("trusted.sha256"));
  }

  @Test
  void onlyAdministratorsComeNear() {
    assertThat(send("GET", "", "application/json", new byte[0], "nobody").status()).isEqualTo(401);
  }
}

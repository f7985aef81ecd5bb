package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.web.Wire.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a server that runs and is written to, and who may have one (T33, T37, T06). */
class BackupIT {

  private static final String CANARY = "sk-CANARY-0b7d3c52-4c1f-4b71-9a55-6e2b8a0c9d11";

  @TempDir Path folder;

  private final MimirServer server = MimirServer.shared();
  private final Wire admin =
      Wire.anonymous(server.uri()).as(MimirServer.ADMIN, MimirServer.PASSWORD);

  private record Ended(int code, String out, String err) {
    JsonNode json() throws IOException {
      return JsonMapper.builder().build().readTree(out);
    }
  }

  /** Settings of the running server, with which the command finds its data folder. */
  private Map<String, String> here() {
    return Map.of("MIMIR_DATA_DIR", server.dataDir().toString(), "MIMIR_PORT", "" + server.port());
  }

  /** Settings of another place with the same master key. */
  private Map<String, String> elsewhere() throws IOException {
    Map<String, String> settings = new TreeMap<>();
    settings.put("MIMIR_DATA_DIR", folder.resolve("elsewhere").toString());
    settings.put(
        "MIMIR_ENCRYPTION_KEY", Files.readString(server.dataDir().resolve("encryption.key")));
    return settings;
  }

  private Ended mimir(Map<String, String> settings, Object... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(MimirServer.launcher().toString()));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    Path err = Files.createTempFile(folder, "err", "");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("MIMIR_"));
    builder.environment().putAll(settings);
    Process process = builder.start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), out, Files.readString(err));
  }

  @Test
  void aServerThatIsWrittenToIsBackedUpAndRestoredElsewhere() throws Exception {
    admin.post(
        "/api/v1/settings/api-keys",
        "{\"provider\":\"openai\",\"name\":\"backed up\",\"key_value\":\"%s\"}".formatted(CANARY));
    Path file = folder.resolve("a.backup");
    AtomicBoolean over = new AtomicBoolean();
    List<String> answered = new ArrayList<>();
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; !over.get(); i++) {
                Answer made = admin.post("/api/v1/chat", "{\"title\":\"during %d\"}".formatted(i));
                assertThat(made.status()).isEqualTo(201);
                answered.add("during " + i);
              }
            });
    Ended backup;
    try {
      backup = mimir(here(), "backup", "-o", "json", file);
    } finally {
      over.set(true);
      writer.join();
    }
    assertThat(backup.code()).as(backup.err()).isZero();
    assertThat(answered).isNotEmpty();
    assertThat(backup.json().path("rows").path("api_keys").asInt()).isPositive();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain(CANARY);
    try (Stream<Path> data = Files.list(server.dataDir())) {
      assertThat(data.map(each -> each.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".backup-"));
    }

    Ended restored = mimir(elsewhere(), "restore", "-o", "json", file);
    assertThat(restored.code()).as(restored.err()).isZero();
    Ended doctor = mimir(elsewhere(), "doctor", "-o", "json");
    assertThat(doctor.json().path("ok").asBoolean()).as(doctor.out()).isTrue();
    assertThat(doctor.out()).contains("is sound");

    // The same data makes the same backup, row for row, but for the event of the restore.
    Ended again = mimir(elsewhere(), "backup", "-o", "json", folder.resolve("b.backup"));
    ObjectNode rows = backup.json().path("rows").deepCopy();
    rows.put("audit_events", rows.path("audit_events").asInt() + 1);
    assertThat(again.json().path("rows")).isEqualTo(rows);
  }

  /** A text of 100,000 characters, which a run keeps in a file and not in the database. */
  private String runOfALargeValue(String text) throws Exception {
    Answer made =
        admin.post(
            "/api/v1/pipelines",
            "{\"definition\":{\"name\":\"backed-up\",\"steps\":[{\"name\":\"pass\",\"action\":"
                + "\"json_transform.apply\",\"with\":{\"data\":{\"$pointer\":\"/input/text\"},"
                + "\"steps\":[{\"op\":\"select\",\"path\":\"\"}]}}]}}");
    assertThat(made.status()).as(made.http().body()).isEqualTo(201);
    String run =
        admin
            .post(
                "/api/v1/pipelines/" + made.text("id") + "/runs",
                "{\"input\":{\"text\":\"" + text + "\"}}")
            .text("id");
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!admin.get("/api/v1/runs/" + run).text("status").equals("succeeded")) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(50);
    }
    assertThat(
            admin.get("/api/v1/runs/" + run + "/steps").json().get(0).at("/output/bytes").asInt())
        .as("the size of a value that is in a file")
        .isGreaterThan(text.length());
    return run;
  }

  @Test
  void aLargeValueOfARunIsReadWholeAfterARestoreElsewhere() throws Exception {
    String text = "0123456789".repeat(10_000);
    String run = runOfALargeValue(text);
    Path file = folder.resolve("runs.backup");
    Ended backup = mimir(here(), "backup", file);
    assertThat(backup.code()).as(backup.err()).isZero();
    assertThat(backup.out()).containsPattern("[1-9][0-9]* large values? of runs");
    try (Stream<Path> data = Files.list(server.dataDir())) {
      assertThat(data.map(each -> each.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".backup-"));
    }
    Ended restored = mimir(elsewhere(), "restore", file);
    assertThat(restored.code()).as(restored.err()).isZero();

    try (MimirServer other = MimirServer.start(elsewhere())) {
      Wire there = Wire.anonymous(other.uri()).as(MimirServer.ADMIN, MimirServer.PASSWORD);
      assertThat(there.get("/api/v1/runs/" + run).json().at("/input/text").asText())
          .isEqualTo(text);
      assertThat(there.get("/api/v1/runs/" + run + "/steps/pass/output").json().path("data"))
          .isEqualTo(JsonMapper.builder().build().valueToTree(text));
    }
  }

  @Test
  void standardOutputTakesOneTooAndAnotherMasterKeyDoesNotOpenIt() throws Exception {
    Path file = folder.resolve("piped.backup");
    Process shell =
        new ProcessBuilder(
                "bash",
                "-c",
                "\"$0\" backup - > \"$1\"",
                MimirServer.launcher().toString(),
                file.toString())
            .redirectErrorStream(true)
            .directory(folder.toFile())
            .start();
    shell.getInputStream().readAllBytes();
    assertThat(shell.waitFor()).as("there is no data here").isEqualTo(78);

    try (InputStream in = admin(HttpRequest.newBuilder(), "/api/v1/backup")) {
      Files.copy(in, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    assertThat(mimir(here(), "verify", file).out())
        .contains("is whole, was made by a Mimir with this master key");
    Map<String, String> other = new TreeMap<>(elsewhere());
    other.put("MIMIR_ENCRYPTION_KEY", "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=");
    Ended refused = mimir(other, "restore", file);
    assertThat(refused.code()).isEqualTo(78);
    assertThat(refused.err()).contains("not random enough");
    other.put("MIMIR_ENCRYPTION_KEY", "Jx0p3T5nYVxK7uQ2b8mWcZ1dRfEoHsLa9iGtNvBq4yM=");
    refused = mimir(other, "restore", file);
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("was sealed with the master key", "Nothing was changed");
    assertThat(folder.resolve("elsewhere/mimir.db")).doesNotExist();
  }

  private InputStream admin(HttpRequest.Builder request, String path) throws Exception {
    String login = MimirServer.ADMIN + ":" + MimirServer.PASSWORD;
    return HttpClient.newHttpClient()
        .send(
            request
                .uri(server.uri(path))
                .POST(HttpRequest.BodyPublishers.noBody())
                .header(
                    "Authorization",
                    "Basic "
                        + java.util.Base64.getEncoder()
                            .encodeToString(login.getBytes(StandardCharsets.UTF_8)))
                .build(),
            BodyHandlers.ofInputStream())
        .body();
  }

  @Test
  void whileTheServerRunsNobodyElseWritesToItsFolder() throws Exception {
    Path file = folder.resolve("c.backup");
    assertThat(mimir(here(), "backup", file).code()).isZero();
    Ended restore = mimir(here(), "restore", "--replace", file);
    assertThat(restore.code()).isEqualTo(75);
    assertThat(restore.err()).contains("stop it first");
    Ended again = mimir(here(), "backup", file);
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).contains("--overwrite");
    assertThat(mimir(here(), "backup", "--overwrite", file).code()).isZero();
    Ended nowhere = mimir(here(), "backup", folder.resolve("no/such/folder/a.backup"));
    assertThat(nowhere.code()).isEqualTo(1);
    assertThat(nowhere.err()).contains("cannot be written").doesNotContain("Exception");
    assertThat(admin.get("/api/v1/audit?action=backup.create").http().body())
        .contains("\"actor\":\"local operator\"");
  }

  @Test
  void theOperatorsTokenOpensNothingElseAndNoOtherTokenOpensThis() throws Exception {
    JsonNode operator =
        JsonMapper.builder()
            .build()
            .readTree(Files.readString(server.dataDir().resolve("operator.json")));
    assertThat(URI.create(operator.path("url").asText()).getPort()).isEqualTo(server.port());
    Wire local = admin.with(operator.path("token").asText());
    assertThat(local.get("/api/v1/status").status()).isEqualTo(200);
    for (String path :
        List.of(
            "/api/v1/settings/api-keys",
            "/api/v1/settings/users",
            "/api/v1/chat",
            "/api/v1/account/tokens")) {
      assertThat(local.get(path).status()).as(path).isEqualTo(403);
    }
    assertThat(local.post("/v1/chat/completions", "{\"model\":\"m\"}").status()).isEqualTo(401);
    String token =
        admin
            .post(
                "/api/v1/settings/tokens",
                "{\"name\":\"no backup\",\"scopes\":[\"settings\",\"audit\",\"metrics\",\"gateway\",\"chat\"]}")
            .text("token");
    assertThat(admin.with(token).post("/api/v1/backup", "").status()).isEqualTo(403);
    assertThat(Wire.anonymous(server.uri()).post("/api/v1/backup", "").status()).isEqualTo(401);
    String altered = operator.path("token").asText().replaceAll(".$", "_");
    assertThat(admin.with(altered).post("/api/v1/backup", "").status()).isEqualTo(401);
  }
}

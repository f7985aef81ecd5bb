package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command that an operator types: what it says and how it ends. */
class MimirCommandIT {

  private static final String KEY = randomKey();

  private record Ended(int code, String said) {}

  private static String randomKey() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return Base64.getEncoder().encodeToString(key);
  }

  private static Ended mimir(Map<String, String> settings, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.add(0, MimirServer.launcher().toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("MIMIR_"));
    builder.environment().putAll(settings);
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), said);
  }

  @Test
  void tellsWhatItCanDo() throws Exception {
    Ended help = mimir(Map.of(), "help");

    assertThat(help.code()).isZero();
    assertThat(help.said()).contains("run", "test", "78 configuration");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "fly", "run --fast", "test --some"})
  void refusesWhatItDoesNotKnow(String line) throws Exception {
    Ended refused = mimir(Map.of(), line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(refused.code()).isEqualTo(64);
    assertThat(refused.said()).contains("Usage: ./mimir");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65536", "08080", "-1", "80 80", "http"})
  void refusesAPortThatIsNone(String port) throws Exception {
    Ended refused = mimir(Map.of("MIMIR_PORT", port), "run", "--no-build");

    assertThat(refused.code()).isEqualTo(78);
    assertThat(refused.said()).contains("MIMIR_PORT");
  }

  /** Before a server has started for it, which takes a quarter of a minute. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MIMIR_PROFILE|test|MIMIR_PROFILE must be dev or prod",
        "MIMIR_DRAIN_SECONDS|soon|MIMIR_DRAIN_SECONDS must be a number",
        "MIMIR_DRAIN_SECONDS|9999|MIMIR_DRAIN_SECONDS must be a number",
        "MIMIR_CHAT_RETENTION_DAYS|soon|must be a whole number of days from 1 to 36500",
        "MIMIR_CHAT_RETENTION_DAYS|36501|must be a whole number of days from 1 to 36500",
        "MIMIR_MEMORY|much|MIMIR_MEMORY must be a size",
        "MIMIR_MEMORY|400m|Mimir needs 512m",
        "MIMIR_ENCRYPTION_KEY|short|must be Base64, Base64url or hex of exactly 32 bytes",
        "MIMIR_ENCRYPTION_KEY_FILE|/nowhere/key|names a file that cannot be read"
      })
  void tellsAtOnceWhichSettingIsWrong(String setting, String value, String said) throws Exception {
    Ended refused = mimir(Map.of(setting, value), "run", "--no-build");

    assertThat(refused.code()).isEqualTo(78);
    assertThat(refused.said()).contains(said, setting).doesNotContain("short");
  }

  @Test
  void needsMoreOpenFilesThanATerminalMayAllow() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            "bash",
            "-c",
            "ulimit -n 256; exec \"$0\" run --no-build",
            MimirServer.launcher().toString());
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isEqualTo(78);
    assertThat(said).contains("The limit of open files is 256, and Mimir needs 1024");
  }

  @Test
  void refusesALogLevelThatIsNone() throws Exception {
    Ended refused = mimir(Map.of("MIMIR_LOG_LEVEL", "LOUD"), "run", "--no-build");

    assertThat(refused.code()).isEqualTo(78);
    assertThat(refused.said()).contains("MIMIR_LOG_LEVEL");
  }

  @Test
  void seesThatThePortIsTakenBeforeItStarts() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Ended refused =
          mimir(Map.of("MIMIR_PORT", Integer.toString(taken.getLocalPort())), "run", "--no-build");

      assertThat(refused.code()).isEqualTo(69);
      assertThat(refused.said()).contains("Port " + taken.getLocalPort());
    }
  }

  @Test
  void stopsAtAMasterKeyThatIsNoneAndWritesNothing() throws IOException {
    Map<String, String> settings =
        Map.of("MIMIR_ENCRYPTION_KEY", "change-me-32-byte-key-for-aes", "MIMIR_PROFILE", "prod");
    try (MimirServer server = MimirServer.launch(settings)) {
      assertThat(server.awaitExit()).isEqualTo(78);
      assertThat(server.terminal())
          .containsOnlyOnce("MIMIR_ENCRYPTION_KEY cannot be used")
          .doesNotContain("ready", "change-me");
      assertThat(server.dataDir()).doesNotExist();
    }
  }

  @Test
  void leavesTheDatabaseOfAnotherProgramAlone(@TempDir Path folder) throws Exception {
    Path notes = folder.resolve("notes.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + notes);
        Statement sql = connection.createStatement()) {
      sql.execute("create table notes (text)");
    }
    byte[] before = Files.readAllBytes(notes);

    try (MimirServer server = MimirServer.launch(Map.of("MIMIR_DB_PATH", notes.toString()))) {
      assertThat(server.awaitExit()).isEqualTo(78);
      assertThat(server.terminal())
          .containsOnlyOnce("is not a database of Mimir (it has the table notes)");
    }
    assertThat(notes).hasBinaryContent(before);
  }

  @Test
  void needsAMasterKeyInProduction() {
    try (MimirServer server = MimirServer.launch(Map.of("MIMIR_PROFILE", "prod"))) {
      assertThat(server.awaitExit()).isEqualTo(78);
      assertThat(server.terminal()).containsOnlyOnce("MIMIR_ENCRYPTION_KEY is not set");
      assertThat(server.dataDir()).doesNotExist();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/health", "/metrics", "/openapi"})
  void theServersOwnAddressesTellNobodyAnything(String path) {
    Wire anyone = Wire.anonymous(MimirServer.shared().uri());

    assertThat(anyone.get(path).status()).isIn(302, 401, 404);
  }

  @Test
  void leavesTheDataFolderOfAnotherServerAlone() throws IOException {
    MimirServer running = MimirServer.shared();
    Map<String, String> settings = Map.of("MIMIR_DATA_DIR", running.dataDir().toString());
    try (MimirServer second = MimirServer.launch(settings)) {
      assertThat(second.awaitExit()).isEqualTo(75);
      assertThat(second.terminal()).containsOnlyOnce("Another Mimir uses the data folder");
    }
    assertThat(Files.isDirectory(running.dataDir())).isTrue();
  }

  @Test
  void showsTheSetupLinkOnTheTerminalOnlyAndStopsWhenAsked(@TempDir Path folder)
      throws IOException {
    Map<String, String> settings = new TreeMap<>();
    settings.put("MIMIR_ENCRYPTION_KEY", KEY);
    // What a terminal in another country may have, and a folder with any letters.
    settings.put("LC_ALL", "C");
    settings.put("MIMIR_DATA_DIR", folder.resolve("d\u00e4ta \u4e2d").toString());
    try (MimirServer server = MimirServer.start(settings)) {
      Path link = server.dataDir().resolve("setup-link");
      String text = Files.readString(link).strip();
      String token = text.substring(text.indexOf('=') + 1);

      assertThat(token).hasSizeGreaterThan(42);
      server.awaitTerminal(token);
      assertThat(Files.readString(server.logFile())).doesNotContain(token);
      assertThat(server.stop()).isZero();
      assertThat(server.terminal()).doesNotContain("Exception", KEY);
    }
  }
}

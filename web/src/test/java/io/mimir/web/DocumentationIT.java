package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mimir.llm.service.StubProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the documents tell people to type, typed. */
class DocumentationIT {

  private static final Pattern SHELL = Pattern.compile("(?ms)^```bash\\n(.*?)^```");

  private static final String GUIDE = "docs/PLUGIN_DEVELOPMENT_GUIDE.md";

  /** Where rustup puts its programs, which is not on everybody's path. */
  private static final String PATH =
      System.getenv("PATH") + ":" + Path.of(System.getProperty("user.home"), ".cargo", "bin");

  @TempDir Path folder;

  private static String read(String document) throws IOException {
    return Files.readString(MimirServer.launcher().resolveSibling(document));
  }

  private static List<String> commandsOf(String document) throws IOException {
    return SHELL.matcher(read(document)).results().map(found -> found.group(1)).toList();
  }

  /** What a document says below a heading and before the next one, by heading. */
  private static Map<String, String> sectionsOf(String document) throws IOException {
    Map<String, String> sections = new LinkedHashMap<>();
    for (String section : read(document).split("(?m)^##+ ")) {
      sections.put(section.lines().findFirst().orElse(""), section);
    }
    return sections;
  }

  /** The commands below a heading, as one script that uses the launcher of these sources. */
  private static String script(String document, String heading) throws IOException {
    return SHELL
        .matcher(sectionsOf(document).get(heading))
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.joining("\n"))
        .replace("./mimir ", MimirServer.launcher() + " ");
  }

  /** Runs a script in {@link #folder}; it ends at the first command that fails. */
  private String run(String script) throws IOException, InterruptedException {
    return run(script, Map.of());
  }

  private String run(String script, Map<String, String> settings)
      throws IOException, InterruptedException {
    Path said = folder.resolve("said.txt");
    ProcessBuilder bash = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script);
    bash.environment().keySet().removeIf(name -> name.startsWith("MIMIR"));
    bash.environment().put("PATH", PATH);
    bash.environment().putAll(settings);
    Process process =
        bash.directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
    assertThat(ended).as("the commands end; they said%n%s", Files.readString(said)).isTrue();
    String text = Files.readString(said, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(text).isZero();
    return text;
  }

  private static boolean has(String command) throws IOException, InterruptedException {
    ProcessBuilder bash = new ProcessBuilder("bash", "-c", "command -v " + command);
    bash.environment().put("PATH", PATH);
    return bash.start().waitFor() == 0;
  }

  /** A file of the sources at the same place below {@link #folder}. */
  private void copy(String file) throws IOException {
    Path target = folder.resolve(file);
    Files.createDirectories(target.getParent());
    Files.copy(MimirServer.launcher().resolveSibling(file), target);
  }

  /** What git keeps of a folder, at the same place below {@link #folder}. */
  private void copyFolder(String name) throws IOException {
    Path home = MimirServer.launcher().getParent();
    try (Stream<Path> files = Files.walk(home.resolve(name))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String path = home.relativize(file).toString();
        if (!path.contains("/target/") && !path.endsWith(".so")) {
          copy(path);
        }
      }
    }
  }

  @Test
  void theReadmeLeadsFromTheSetupLinkToAStreamedAnswerAndTheApiPageGoesOn() throws Exception {
    assumeTrue(has("curl"), "curl is not installed");
    try (StubProvider ollama = StubProvider.start();
        MimirServer mimir =
            MimirServer.start(
                Map.of(
                    "MIMIR_OPENAI_ENDPOINT",
                    ollama.url() + "/v1",
                    "MIMIR_ENDPOINT_ALLOWLIST",
                    "127.0.0.1"))) {
      assumeTrue(has("make") && has("gcc"), "make or gcc is not installed");
      ollama.say("Because it scatters.");
      copyFolder("sdk");
      copyFolder("examples/c");
      Files.createSymbolicLink(folder.resolve("data"), mimir.dataDir());
      String script =
          String.join("\n", commandsOf("README.md"))
              .concat(String.join("\n", commandsOf("docs/api.md")))
              .concat("\n" + script(GUIDE, "C") + "\n" + script(GUIDE, "The call"))
              .replace("localhost:8080", "localhost:" + mimir.port())
              .replace("localhost:11434", "localhost:" + ollama.port());

      String said = run(script);

      assertThat(said)
          .contains("Administrator created")
          .contains("\"success\":true")
          .contains("\"message\":\"API key created\"")
          .contains("event: done")
          .contains("\"reason\":\"auth_failed\"")
          .contains("\"is_active\":false")
          .contains("awaiting_trust", "{\"words\":3}", "\"message\":\"Plugin deleted\"")
          .contains("{\"hello\":\"world\"}", "hello was called")
          .contains("{\"data\":{\"name\":\"Ada\"}}", "{\"text\":\"Dear Ada\"}")
          .contains("\"content_type\":\"application/json\"", "\"key_name\":\"Local Ollama\"")
          .contains("{\"name\":\"letter.txt\",\"bytes\":8,", "mimir_uptime_seconds")
          .doesNotContain("problem+json", "\"status\":4");
      assertThat(ollama.requests()).extracting(StubProvider.Seen::path).contains("/api/chat");
    }
  }

  @ParameterizedTest
  @CsvSource({"C, make gcc", "Rust, cargo rustc gcc", "Go, go gcc"})
  void theGuideLeadsToTheServersOwnVerdict(String language, String programs) throws Exception {
    for (String program : programs.split(" ")) {
      assumeTrue(has(program), program + " is not installed");
    }
    copyFolder("sdk");

    assertThat(run(script(GUIDE, language)))
        .contains("my_plugin", "0.1.0", "Accepted, and not run before an administrator trusts it.");
  }

  /** {@code ./mimir run} stays until it is stopped: here it is stopped once it is ready. */
  private static final String SERVE =
      """
      serve() {
        "$MIMIR_COMMAND" run --no-build >serve.txt 2>&1 &
        local server=$!
        until grep -q 'Mimir is ready' serve.txt; do
          kill -0 $server || { cat serve.txt; return 1; }
          sleep 0.2
        done
        "$MIMIR_COMMAND" doctor >doctor.txt || { cat doctor.txt; return 1; }
        grep '^ok .* server ' doctor.txt
        kill -TERM $server
        wait $server || { echo "It ended with $?"; cat serve.txt; return 1; }
      }
      """;

  @Test
  void theOperationsChapterLeadsFromABackupToAnotherMasterKey() throws Exception {
    assumeTrue(has("openssl"), "openssl is not installed");
    Map<String, String> settings =
        Map.of(
            "MIMIR_COMMAND",
            MimirServer.launcher().toString(),
            "MIMIR_PROFILE",
            "prod",
            "MIMIR_PORT",
            Integer.toString(MimirServer.freePort()),
            "MIMIR_DATA_DIR",
            folder.resolve("data").toString(),
            "MIMIR_ENCRYPTION_KEY",
            Files.readString(MimirServer.shared().dataDir().resolve("encryption.key")).strip(),
            "MIMIR_DRAIN_SECONDS",
            "0",
            "MIMIR_ADMIN_USER",
            MimirServer.ADMIN,
            "MIMIR_ADMIN_PASSWORD",
            MimirServer.PASSWORD);
    String document = "docs/deployment.md";
    List<String> headings =
        List.of(
            "Backup and restore",
            "Upgrade and downgrade",
            "Changing the master key",
            "Keeping the audit log elsewhere");
    assertThat(
            sectionsOf(document).entrySet().stream()
                .filter(section -> SHELL.matcher(section.getValue()).find())
                .map(Map.Entry::getKey))
        .containsExactlyElementsOf(headings);
    // Some data to begin with.
    String launcher = MimirServer.launcher().toString();
    String start =
        "MIMIR_DATA_DIR=%s %s backup start%n%s restore start%n"
            .formatted(MimirServer.shared().dataDir(), launcher, launcher);
    StringBuilder script = new StringBuilder(SERVE).append(start);
    for (String heading : headings) {
      script.append(script(document, heading)).append('\n');
    }

    String said = run(script.toString().replace(launcher + " run\n", "serve\n"), settings);

    assertThat(said)
        .contains("Backup written to", "is whole, was made by a Mimir with this master key")
        .contains("Restored to", "mimir.db.before-", "is sound")
        .contains("The audit log is as it was written.", "restored 2")
        .doesNotContain("NOT as it was")
        .doesNotContain("Exception");
  }

  /** Those of C and of the call are run with a server too. */
  @Test
  void thereAreNoOtherCommandsInTheGuide() throws Exception {
    List<String> headings =
        sectionsOf(GUIDE).entrySet().stream()
            .filter(section -> SHELL.matcher(section.getValue()).find())
            .map(Map.Entry::getKey)
            .toList();

    assertThat(headings).containsExactly("C", "Rust", "Go", "The call");
  }

  /** A folder with what docker/Dockerfile copies, and with neither sources nor Maven. */
  @Test
  void theImageHasAllThatItsCommandsNeed() throws Exception {
    assumeTrue(has("make") && has("gcc"), "make or gcc is not installed");
    copyFolder("sdk");
    copyFolder("examples/c");
    Path app = Files.createDirectories(folder.resolve("app"));
    List<MatchResult> copies =
        Pattern.compile("(?m)^COPY --from=build (.+) \\./(\\S*)$")
            .matcher(read("docker/Dockerfile"))
            .results()
            .toList();
    assertThat(copies).isNotEmpty();
    StringBuilder script = new StringBuilder();
    for (MatchResult copied : copies) {
      Path target = app.resolve(copied.group(2));
      script.append("mkdir -p ").append(target).append('\n');
      for (String source : copied.group(1).split(" ")) {
        Path built = MimirServer.launcher().resolveSibling(source.replaceFirst("^/src/", ""));
        // Links, because some are large; but the launcher looks where it really is.
        String command = Files.isDirectory(built) ? "cp -rs %s/. %s\n" : "ln -s %s %s\n";
        if (built.equals(MimirServer.launcher())) {
          command = "cp %s %s\n";
        }
        script.append(command.formatted(built, target));
      }
    }

    script.append("make -s -C examples/c\napp/mimir plugins check examples/c/*.so\n");
    script.append("app/mimir backup --help\n");

    String said = run(script.toString());

    assertThat(said).contains("text_tools", "Accepted, and not run before");
    assertThat(said).contains("Usage: mimir backup");
  }

  /** {@code ./mimir run} and {@code ./mimir test} are what every other test here comes from. */
  @Test
  void theCommandsOfTheReadmeAreThoseThatThereAre() throws Exception {
    String help = run(MimirServer.launcher() + " help");
    List<String> named =
        Pattern.compile("\\./mimir ([a-z]+)")
            .matcher(read("README.md") + read("docs/deployment.md") + read("docs/api.md"))
            .results()
            .map(found -> found.group(1))
            .distinct()
            .toList();

    assertThat(named).isNotEmpty().allSatisfy(name -> assertThat(help).contains("  " + name + " "));
  }

  @Test
  void everyFileThatADocumentNamesIsThere() throws Exception {
    for (String document :
        List.of(
            "README.md",
            "docs/deployment.md",
            "docs/api.md",
            "docs/pipelines.md",
            "examples/pipelines/README.md",
            GUIDE)) {
      Path home = MimirServer.launcher().resolveSibling(document).getParent();
      List<String> links =
          Pattern.compile("\\]\\(([^)#:]+)\\)")
              .matcher(read(document))
              .results()
              .map(found -> found.group(1))
              .toList();

      assertThat(links).as(document).allSatisfy(link -> assertThat(home.resolve(link)).exists());
    }
    String sources =
        Pattern.compile("(?:docker|bench|ejb|src)/[A-Za-z0-9./_-]*[A-Za-z0-9]")
            .matcher(read("README.md") + read("docs/deployment.md"))
            .results()
            .map(MatchResult::group)
            .filter(name -> !name.equals("docker/.env") && !name.equals("docker/encryption.key"))
            .filter(name -> !Files.exists(MimirServer.launcher().resolveSibling(name)))
            .collect(Collectors.joining("\n"));
    assertThat(sources).as("named and not there").isEmpty();
  }
}

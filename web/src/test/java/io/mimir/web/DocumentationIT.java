package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mimir.llm.service.StubProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documents tell people to type, typed. */
class DocumentationIT {

  private static final Pattern SHELL = Pattern.compile("(?ms)^```bash\\n(.*?)^```");

  @TempDir Path folder;

  private static String read(String document) throws IOException {
    return Files.readString(MimirServer.launcher().resolveSibling(document));
  }

  private static List<String> commandsOf(String document) throws IOException {
    return SHELL.matcher(read(document)).results().map(found -> found.group(1)).toList();
  }

  /** Runs a script in {@link #folder}; it ends at the first command that fails. */
  private String run(String script) throws IOException, InterruptedException {
    Path said = folder.resolve("said.txt");
    ProcessBuilder bash = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script);
    bash.environment().keySet().removeIf(name -> name.startsWith("MIMIR"));
    Process process =
        bash.directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("the commands end").isTrue();
    String text = Files.readString(said, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(text).isZero();
    return text;
  }

  private static boolean has(String command) throws IOException, InterruptedException {
    return new ProcessBuilder("bash", "-c", "command -v " + command).start().waitFor() == 0;
  }

  /** A file of the sources at the same place below {@link #folder}. */
  private void copy(String file) throws IOException {
    Path target = folder.resolve(file);
    Files.createDirectories(target.getParent());
    Files.copy(MimirServer.launcher().resolveSibling(file), target);
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
      copy("sdk/mimir_plugin.h");
      copy("examples/c/Makefile");
      copy("examples/c/text_tools.c");
      Files.createSymbolicLink(folder.resolve("data"), mimir.dataDir());
      String script =
          String.join("\n", commandsOf("README.md"))
              .concat(String.join("\n", commandsOf("docs/api.md")))
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
          .contains("{\"data\":{\"name\":\"Ada\"}}", "{\"text\":\"Dear Ada\"}")
          .contains("\"content_type\":\"application/json\"", "\"key_name\":\"Local Ollama\"")
          .contains("{\"name\":\"letter.txt\",\"bytes\":8,")
          .doesNotContain("problem+json", "\"status\":4");
      assertThat(ollama.requests()).extracting(StubProvider.Seen::path).contains("/api/chat");
    }
  }

  @Test
  void theGuideLeadsToTheServersOwnVerdict() throws Exception {
    assumeTrue(has("make") && has("gcc"), "make or gcc is not installed");
    copy("sdk/mimir_plugin.h");
    copy("examples/c/Makefile");
    copy("examples/c/text_tools.c");
    String script =
        String.join("\n", commandsOf("docs/PLUGIN_DEVELOPMENT_GUIDE.md"))
            .replace("./mimir", MimirServer.launcher().toString());

    assertThat(run(script)).contains("text_tools", "1.0.0");
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
            "README.md", "docs/deployment.md", "docs/api.md", "docs/PLUGIN_DEVELOPMENT_GUIDE.md")) {
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

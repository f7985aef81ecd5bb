package io.mimir.pipeline.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.chat.web.Api;
import io.mimir.pipeline.service.language.YamlText;
import io.mimir.web.MimirServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands of examples/pipelines, run as somebody does who has read its README. */
class PipelineExamplesIT {

  private static final Path EXAMPLES =
      MimirServer.launcher().resolveSibling("examples").resolve("pipelines");

  private static final String README = "README.md";
  private static final Pattern SHELL = Pattern.compile("(?ms)^```bash\\n(.*?)^```");

  @TempDir static Path folder;

  private static MimirServer server;
  private static Map<String, String> settings;
  private static List<Path> before;

  private record Ended(int code, String said) {}

  @BeforeAll
  static void start() throws Exception {
    for (String program : List.of("curl", "python3", "gcc")) {
      assumeTrue(bash("command -v " + program, Map.of()).code() == 0, program + " is missing");
    }
    server =
        MimirServer.start(
            Map.of(
                "MIMIR_ADMIN_USER",
                MimirServer.ADMIN,
                "MIMIR_ADMIN_PASSWORD",
                MimirServer.PASSWORD,
                "MIMIR_ENDPOINT_ALLOWLIST",
                "127.0.0.1"));
    before = sources();
    settings = new TreeMap<>();
    settings.put("MIMIR_URL", server.uri().toString().replaceFirst("/$", ""));
    settings.put("STUB_PORT", Integer.toString(MimirServer.freePort()));
    settings.put("MIMIR_LOGIN", MimirServer.ADMIN + ":" + MimirServer.PASSWORD);
    // The token is made as the README says, at this server.
    String script =
        commands().get(1).replaceFirst("(?m)^export MIMIR_LOGIN=.*$", "")
            + "printf '%s' \"$MIMIR_TOKEN\"";
    Ended made = bash(script.replace("http://localhost:8080", settings.get("MIMIR_URL")), settings);
    assertThat(made.said()).startsWith("mimir_");
    settings.put("MIMIR_TOKEN", made.said());
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static List<String> commands() throws IOException {
    return SHELL
        .matcher(Files.readString(EXAMPLES.resolve(README)))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  private static Ended bash(String script, Map<String, String> environment) throws Exception {
    Path said = Files.createTempFile(folder, "said", ".txt");
    ProcessBuilder bash = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script);
    bash.environment().keySet().removeIf(name -> name.startsWith("MIMIR"));
    bash.environment().putAll(environment);
    Process process =
        bash.directory(EXAMPLES.getParent().getParent().toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    process.getOutputStream().close();
    boolean ended = process.waitFor(2, TimeUnit.MINUTES);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
    String text = Files.readString(said, UTF_8);
    assertThat(ended).as("it ends; it said%n%s", text).isTrue();
    return new Ended(process.exitValue(), text);
  }

  /** Runs the command of the README that runs this example, and gives what it said. */
  private static String run(String name) throws Exception {
    String command =
        commands()
            .get(0)
            .lines()
            .filter(line -> line.equals("examples/pipelines/run " + name))
            .findFirst()
            .orElseThrow();
    Ended ended = bash(command, settings);
    assertThat(ended.code()).as(ended.said()).isZero();
    return ended.said();
  }

  /** The one file of this name that pipelines have written. */
  private static Path written(String name) throws IOException {
    try (Stream<Path> files = Files.walk(server.dataDir().resolve("plugin-files/file_output"))) {
      List<Path> found = files.filter(file -> file.getFileName().toString().equals(name)).toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(EXAMPLES)) {
      return files.sorted().toList();
    }
  }

  private static void assertNothingIsLeft() throws Exception {
    assertThat(sources()).isEqualTo(before);
    Ended stub = bash("curl -s http://127.0.0.1:$STUB_PORT/news.json", settings);
    assertThat(stub.code()).as("the stub has ended").isEqualTo(7);
  }

  @Test
  void aDigestIsFetchedReshapedSummarisedAndWritten() throws Exception {
    String summary =
        "3 reports with text, title: The library opens on Monday; The bridge is closed;"
            + " Trams run at night.";

    String said = run("digest");

    assertThat(said)
        .containsPattern("fetch +succeeded")
        .containsPattern("reshape +succeeded")
        .containsPattern("summarise +succeeded")
        .containsPattern("write +succeeded")
        .contains("Made the pipeline digest", summary);
    Path file = written("digest.txt");
    assertThat(file).hasContent(summary);
    assertThat(said).contains("plugin-files/file_output/" + file.getParent().getFileName());

    assertThat(run("digest")).contains("The pipeline digest is there", summary);
    assertNothingIsLeft();
  }

  @Test
  void aPluginInCMeasuresWhatAModelSaysOfEachItem() throws Exception {
    assertThat(run("each"))
        .contains("Built and uploaded the plugin text_measure", "Trusted it")
        .containsPattern("loop\\.0\\.measure +succeeded")
        .containsPattern("loop\\.2\\.line +succeeded")
        .contains("This is a lighthouse, as far as a stub can tell. (11 words)")
        .contains("This is a glacier in the Alps, as far as a stub can tell. (14 words)");
    assertThat(run("each")).doesNotContain("uploaded");
    assertNothingIsLeft();
  }

  @Test
  void aLetterIsWrittenOnceItIsApprovedAndOnlyThen() throws Exception {
    String letter = "Dear reader, this is a short letter about the opening of the library.";
    Ended refused = bash("examples/pipelines/run approval no", settings);
    assertThat(refused.code()).as(refused.said()).isEqualTo(1);
    assertThat(refused.said())
        .containsPattern("ask +waiting")
        .contains("Asked: May this be written? " + letter, "Answered: no")
        .containsPattern("examples/pipelines/run: The run failed: .+")
        .doesNotContainPattern("write +succeeded");

    assertThat(run("approval"))
        .contains("Asked: May this be written? " + letter, "Answered: yes")
        .containsPattern("write +succeeded");
    assertThat(written("letter.txt")).hasContent(letter);
    assertNothingIsLeft();
  }

  @Test
  void theReadmeHasNoCommandThatIsNotRunHere() throws Exception {
    assertThat(commands()).hasSize(2);
    assertThat(commands().get(0).lines())
        .containsExactly(
            "examples/pipelines/run digest",
            "examples/pipelines/run each",
            "examples/pipelines/run approval");
  }

  @Test
  void whatIsMissingIsSaidInASentence() throws Exception {
    Map<String, String> without = new TreeMap<>(settings);
    without.remove("MIMIR_LOGIN");
    Ended approval = bash("examples/pipelines/run approval", without);
    assertThat(approval.code()).isEqualTo(1);
    assertThat(approval.said()).contains("MIMIR_LOGIN is not set");

    Api admin = Api.withPassword(server.uri(), MimirServer.ADMIN, MimirServer.PASSWORD);
    Map<String, String> narrow = new TreeMap<>(settings);
    narrow.put(
        "MIMIR_TOKEN",
        admin
            .post("/settings/tokens", "{\"name\":\"narrow\",\"scopes\":[\"pipelines\"]}")
            .text("token"));
    Ended forbidden = bash("examples/pipelines/run digest", narrow);
    assertThat(forbidden.code()).isEqualTo(1);
    assertThat(forbidden.said()).contains("GET /settings/api-keys was refused (403): ");

    Map<String, String> nowhere = new TreeMap<>(settings);
    nowhere.put("MIMIR_URL", "http://127.0.0.1:" + MimirServer.freePort());
    assertThat(bash("examples/pipelines/run digest", nowhere).said())
        .contains("Mimir does not answer at");
    assertThat(bash("examples/pipelines/run letters", settings).code()).isEqualTo(64);
  }

  /** But for the model, and for what belongs to the stub's data or to a plugin in C. */
  @ParameterizedTest
  @ValueSource(strings = {"digest", "each", "approval"})
  void theTemplatesOfTheConsoleAreTheExamples(String name) throws Exception {
    JsonNode example = YamlText.read(Files.readString(EXAMPLES.resolve(name + ".yaml"))).json();
    JsonNode template = Starters.read(name, "example-model").deepCopy();
    if (name.equals("digest")) {
      ((ObjectNode) example.at("/steps/1/with")).remove("steps");
      ((ObjectNode) template.at("/steps/1/with")).remove("steps");
    }
    if (name.equals("each")) {
      ((ObjectNode) example).remove("output");
      ArrayNode steps = (ArrayNode) example.at("/steps/0/each/steps");
      assertThat(steps.get(1).path("action").asText()).isEqualTo("text_measure.measure");
      steps.remove(2);
      steps.remove(1);
    }
    assertThat(template.toPrettyString()).isEqualTo(example.toPrettyString());
  }
}

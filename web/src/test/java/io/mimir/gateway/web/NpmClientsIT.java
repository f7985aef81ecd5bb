package io.mimir.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.web.Npm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The official clients from npm, unchanged, against the gateway, before an upstream that nobody
 * here wrote. The cases are in {@code src/test/clients/clients.mjs}; each is a test by its own name
 * here. What npm installs stays below {@code target}.
 */
class NpmClientsIT {

  private static final Path SOURCES = Path.of("src", "test", "clients");
  private static final Path FOLDER = Path.of("target", "clients");
  private static final Duration LONGEST_RUN = Duration.ofMinutes(5);

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static TestedGateway gateway;
  private static Process upstream;
  private static String upstreamUrl;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Npm.install(SOURCES, FOLDER);
    upstream = node("upstream.mjs", Map.of()).redirectErrorStream(true).start();
    BufferedReader said = upstream.inputReader(StandardCharsets.UTF_8);
    upstreamUrl = said.readLine();
    assertThat(upstreamUrl).startsWith("http://127.0.0.1:");
    gateway = TestedGateway.shared();
    gateway.forgetKeys();
  }

  @AfterAll
  static void stop() throws IOException, InterruptedException {
    if (upstream != null) {
      upstream.getOutputStream().close();
      if (!upstream.waitFor(5, TimeUnit.SECONDS)) {
        upstream.destroyForcibly();
      }
    }
  }

  private static ProcessBuilder node(String script, Map<String, String> environment) {
    ProcessBuilder node = new ProcessBuilder("node", script).directory(FOLDER.toFile());
    // Else settings of whoever runs this would lead the clients elsewhere.
    node.environment()
        .keySet()
        .removeIf(name -> name.matches("(OPENAI|ANTHROPIC|OLLAMA|AIMOCK|NODE)_.*"));
    node.environment().putAll(environment);
    return node;
  }

  @TestFactory
  List<DynamicTest> everyCaseIsAsTheProvidersDescribeIt() throws IOException, InterruptedException {
    Path said = FOLDER.resolve("cases.jsonl");
    Path errors = FOLDER.resolve("errors.log");
    Process clients =
        node(
                "clients.mjs",
                Map.of(
                    "BASE_URL", gateway.url(),
                    "TOKEN", gateway.gatewayToken(),
                    "SETTINGS_TOKEN", gateway.settingsToken(),
                    "PIPELINES_TOKEN", gateway.token("pipelines", "pipelines"),
                    "UPSTREAM", upstreamUrl))
            .redirectOutput(said.toFile())
            .redirectError(errors.toFile())
            .start();
    boolean hasEnded = clients.waitFor(LONGEST_RUN.toSeconds(), TimeUnit.SECONDS);
    clients.destroyForcibly();

    List<DynamicTest> tests = new ArrayList<>();
    for (String line : Files.readAllLines(said)) {
      JsonNode each = JSON.readTree(line);
      String name =
          "%s, %s, %s%s: %s"
              .formatted(
                  each.path("client").asText(),
                  each.path("path").asText(),
                  each.path("provider").asText(),
                  each.path("streamed").asBoolean() ? ", streamed" : "",
                  each.path("what").asText());
      tests.add(
          DynamicTest.dynamicTest(
              name, () -> assertThat(each.path("ok").asBoolean()).as(line).isTrue()));
    }
    tests.add(
        DynamicTest.dynamicTest(
            "the script came to its end",
            () -> {
              assertThat(hasEnded).isTrue();
              assertThat(clients.exitValue()).as(Files.readString(errors)).isZero();
            }));
    return tests;
  }
}

package io.mimir.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the verbs say of themselves, and of what they do not understand. */
class MimirCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int mimir(String... arguments) {
    CommandLine line = MimirCommand.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {"backup", "restore", "verify", "doctor"})
  void eachVerbTellsHowItIsUsed(String verb) {
    assertThat(mimir(verb, "--help")).isZero();
    assertThat(out.toString()).startsWith("Usage: mimir " + verb).contains("--output=FORMAT");
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "backup --fast x, Unknown option: '--fast'",
    "backup, Missing required parameter: 'FILE'",
    "restore a b, Unmatched argument at index 2: 'b'",
    "audit, Say verify or export",
    "audit verify --fast, Unknown option: '--fast'",
    "doctor -o xml, Invalid value for option '--output'",
    "fly, Unmatched argument at index 0: 'fly'",
    "'', A command is missing"
  })
  void whatIsNotUnderstoodIsToldWithTheUsage(String line, String said) {
    assertThat(mimir(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(64);
    assertThat(err.toString()).startsWith("mimir: ").contains(said, "Usage: mimir");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aFailureIsAnAnswerForProgramsToo(@TempDir Path folder) throws Exception {
    String file = folder.resolve("none").toString();
    assertThat(mimir("verify", "-o", "json", file)).isEqualTo(1);
    JsonNode json = Output.JSON.readTree(out.toString());
    assertThat(json.path("error").asText()).isEqualTo("There is no file " + file);
    assertThat(json.path("exit_code").asInt()).isEqualTo(1);
    assertThat(err.toString()).isEqualTo("mimir: There is no file " + file + "\n");
  }

  @Test
  void aShellCompletesTheVerbs() {
    assertThat(mimir("generate-completion")).isZero();
    assertThat(out.toString()).contains("complete -F", "restore", "--replace");
  }
}

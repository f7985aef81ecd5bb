package io.mimir.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** How a verb answers: a text for people, or one JSON object for programs. */
final class Output {

  static final JsonMapper JSON = JsonMapper.builder().build();

  /** What to write. */
  enum Format {
    TEXT,
    JSON
  }

  @Spec(Target.MIXEE)
  CommandSpec command;

  @Mixin Help help;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "How to answer: text or json (default: text).")
  Format format;

  /** The output of a verb that has one; of another one, text. */
  static Output of(CommandLine line) {
    if (line.getCommandSpec().mixins().get("output") != null
        && line.getCommandSpec().mixins().get("output").userObject() instanceof Output output) {
      return output;
    }
    Output plain = new Output();
    plain.command = line.getCommandSpec();
    plain.format = Format.TEXT;
    return plain;
  }

  boolean isJson() {
    return format == Format.JSON;
  }

  /** Writes the answer. */
  void say(ObjectNode json, String text) {
    command.commandLine().getOut().println(isJson() ? pretty(json) : text);
  }

  /** Writes why there is none: to standard error for people, as the answer for programs. */
  void failure(String message, int code) {
    if (isJson()) {
      command
          .commandLine()
          .getOut()
          .println(pretty(JSON.createObjectNode().put("error", message).put("exit_code", code)));
    }
    command.commandLine().getErr().println("mimir: " + message);
  }

  private static String pretty(ObjectNode json) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}

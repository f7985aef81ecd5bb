package io.mimir.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.command.Finding.Level;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./mimir doctor}. */
@Command(
    name = "doctor",
    description = "Looks at settings, folders, database and server, and says what to mend.",
    footer = {"", "Nothing is changed. Exit codes: 0 nothing is broken, 1 something is."})
final class DoctorCommand implements Callable<Integer> {

  @Mixin Output output;

  @Override
  public Integer call() {
    List<Finding> findings = Examination.all();
    boolean broken = findings.stream().anyMatch(each -> each.level() == Level.FAIL);
    ObjectNode json = Output.JSON.createObjectNode();
    json.put("ok", !broken);
    ArrayNode checks = json.putArray("checks");
    for (Finding finding : findings) {
      checks
          .addObject()
          .put("name", finding.name())
          .put("status", word(finding))
          .put("message", finding.message());
    }
    output.say(
        json,
        findings.stream()
            .map(each -> "%-4s  %-12s  %s".formatted(word(each), each.name(), each.message()))
            .collect(Collectors.joining(System.lineSeparator())));
    return broken ? MimirCommand.FAILED : 0;
  }

  private static String word(Finding finding) {
    return finding.level().name().toLowerCase(Locale.ROOT);
  }
}

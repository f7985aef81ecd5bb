package io.mimir.plugin.service;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.plugin.kit.inspect.Check;
import java.util.List;

/** A file that is not taken, with everything that was looked at. */
public class PluginRefusedException extends ProblemException {

  private static final long serialVersionUID = 1L;

  private final transient List<Check> checks;

  PluginRefusedException(Problem problem, List<Check> checks) {
    super(problem, sentence(checks));
    this.checks = List.copyOf(checks);
  }

  /** What only waits for trust is no refusal where there is anything else. */
  private static String sentence(List<Check> checks) {
    List<Check> failed = checks.stream().filter(check -> !check.passed()).toList();
    return failed.stream()
        .filter(check -> !check.reason().awaitsTrust())
        .findFirst()
        .or(() -> failed.stream().findFirst())
        .map(check -> check.message() + ". " + check.reason().fix())
        .orElse("The file is not taken");
  }

  /** In the order in which they were made. */
  public List<Check> checks() {
    return checks == null ? List.of() : checks;
  }
}

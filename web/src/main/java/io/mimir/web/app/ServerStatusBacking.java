package io.mimir.web.app;

import io.mimir.lifecycle.service.HealthCheck.Finding;
import io.mimir.lifecycle.service.HealthCheck.Level;
import io.mimir.lifecycle.service.ServerStatus;
import io.mimir.web.Times;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.util.List;

/** What the administrator has to know of the server before anything else, on each page. */
@Named("serverStatus")
@RequestScoped
public class ServerStatusBacking {

  @Inject ServerStatus status;

  private List<Trouble> troubles;

  /**
   * Something that is not well.
   *
   * @param tone the style of the note
   * @param since in words
   */
  public record Trouble(String name, String reason, String tone, String since) {

    private static Trouble of(Finding finding) {
      return new Trouble(
          finding.name(),
          finding.reason(),
          finding.level() == Level.DOWN ? "bad" : "warn",
          Times.exact(finding.since()));
    }
  }

  /** Returns what is not well, the worst first; empty on good days. */
  public List<Trouble> getTroubles() {
    if (troubles == null) {
      troubles =
          status.findings().stream()
              .filter(each -> each.level() != Level.OK)
              .map(Trouble::of)
              .toList();
    }
    return troubles;
  }
}

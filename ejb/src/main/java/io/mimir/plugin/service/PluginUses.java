package io.mimir.plugin.service;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.List;

/** What is made of plugins, looked at before one of them goes. */
@ApplicationScoped
public class PluginUses {

  @Inject AuditLog audit;
  @Inject @Any Instance<PluginUse> uses;

  /**
   * @throws ProblemException IN_USE naming what is made of it; written down as a refusal
   */
  void requireNone(String id, String name) {
    List<String> users = uses.stream().flatMap(use -> use.of(name).stream()).toList();
    if (users.isEmpty()) {
      return;
    }
    ProblemException why =
        new ProblemException(
            Problem.IN_USE,
            "%s is used by %s: change that first, or delete with force=true"
                .formatted(name, String.join(", ", users)));
    audit.write(
        AuditedAction.of("plugin.delete").on(id, name).detail("problem", why.problem().code()),
        Outcome.FAILURE);
    throw why;
  }
}

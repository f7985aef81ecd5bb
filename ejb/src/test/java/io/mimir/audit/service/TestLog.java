package io.mimir.audit.service;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Outcome;
import java.util.ArrayList;
import java.util.List;

/** An audit log that keeps its events as lines: actor, action, outcome. */
public final class TestLog extends AuditLog {

  private final List<String> lines = new ArrayList<>();

  @Override
  public synchronized void write(String actor, String action, String target, Outcome outcome) {
    lines.add(actor + " " + action + " " + outcome.wire());
  }

  @Override
  public synchronized void write(AuditedAction audited, Outcome outcome) {
    lines.add(audited + " " + outcome.wire());
  }

  public synchronized List<String> lines() {
    return List.copyOf(lines);
  }
}

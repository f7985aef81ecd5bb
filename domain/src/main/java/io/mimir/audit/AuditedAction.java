package io.mimir.audit;

import static java.util.Objects.requireNonNull;

/**
 * What a service is about to do, fired as a CDI event before it does it. The audit log adds who and
 * from where, and writes it with the action, or on its own when that is rolled back.
 *
 * @param action a word such as {@code key.create}
 * @param target the id or name of what it is done to; may be null
 * @param automatic whether the server does it by itself, whoever's request it was that led to it
 */
public record AuditedAction(String action, String target, boolean automatic) {
  public AuditedAction {
    requireNonNull(action);
  }

  /** Something that the caller wants. */
  public AuditedAction(String action, String target) {
    this(action, target, false);
  }

  /** Something that the server does by itself. */
  public static AuditedAction ofTheServer(String action, String target) {
    return new AuditedAction(action, target, true);
  }
}

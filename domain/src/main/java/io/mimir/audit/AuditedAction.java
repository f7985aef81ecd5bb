package io.mimir.audit;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;

/**
 * What a service does, fired as a CDI event twice: before it does it, so that a refusal is written
 * down as well, and after it as {@link #done}. The audit log adds who and from where, and writes it
 * with the change, or on its own when that is rolled back. A transaction in which one is begun and
 * not done does not commit.
 *
 * <p>What is told of a refusal are the details; what is told of a success are the changes too. Not
 * thread-safe: it belongs to one transaction.
 */
public final class AuditedAction {

  private final String action;
  private final boolean automatic;
  private final List<Change> details = new ArrayList<>();
  private List<Change> changes = List.of();
  private String targetId;
  private String targetName;
  private boolean done;
  private boolean failed;

  private AuditedAction(String action, boolean automatic) {
    this.action = requireNonNull(action);
    this.automatic = automatic;
  }

  /**
   * Something that the caller wants.
   *
   * @param action a word such as {@code key.create}
   */
  public static AuditedAction of(String action) {
    return new AuditedAction(action, false);
  }

  /** Something that the server does by itself, whoever's request it was that led to it. */
  public static AuditedAction ofTheServer(String action) {
    return new AuditedAction(action, true);
  }

  /**
   * Says what it is done to.
   *
   * @param id null where there is none yet
   * @param name null where it has none, or is not there
   * @return this
   */
  public AuditedAction on(String id, String name) {
    this.targetId = id;
    this.targetName = name;
    return this;
  }

  /**
   * Tells something of the action itself, such as why the server does it.
   *
   * @param value null for nothing to tell
   * @return this
   */
  public AuditedAction detail(String field, Object value) {
    if (value != null) {
      details.add(Change.detail(field, value));
    }
    return this;
  }

  /** It is done, and has changed nothing that can be told. */
  public AuditedAction done() {
    return done(List.of());
  }

  /**
   * It is done.
   *
   * @return this, to be fired again
   */
  public AuditedAction done(List<Change> what) {
    this.changes = List.copyOf(what);
    this.done = true;
    return this;
  }

  public boolean isDone() {
    return done;
  }

  /** Tells for the first time that it failed; false for each time after. */
  public boolean fail() {
    boolean first = !failed;
    failed = true;
    return first;
  }

  public String action() {
    return action;
  }

  /** Whether the server does it by itself. */
  public boolean isAutomatic() {
    return automatic;
  }

  public String targetId() {
    return targetId;
  }

  public String targetName() {
    return targetName;
  }

  /** What is told when it did not happen. */
  public List<Change> details() {
    return List.copyOf(details);
  }

  /** What is told when it happened: the details, and what changed. */
  public List<Change> changes() {
    List<Change> all = new ArrayList<>(details);
    all.addAll(changes);
    return all;
  }

  @Override
  public String toString() {
    return "%s %s %s %s%s"
        .formatted(action, targetId, targetName, changes(), automatic ? " by the server" : "");
  }
}

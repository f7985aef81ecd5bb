package io.mimir.audit;

import static java.util.Objects.requireNonNull;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;

/**
 * Something that was done or refused: who, when, from where, what, to what, how it ended, and what
 * changed. It never holds a value of a secret. Rows are only ever added, and not as entities: each
 * gets its place in the chain with it.
 */
@Entity
@Table(name = "audit_events")
public class AuditEvent {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int MAX_TEXT_CHARS = 200;

  @Id private String id;

  @Column(name = "at", nullable = false)
  private Instant at;

  @Column(nullable = false)
  private String actor;

  private String address;

  @Column(nullable = false)
  private String action;

  private String target;

  @Column(name = "target_id")
  private String targetId;

  @Column(name = "target_name")
  private String targetName;

  @Column(nullable = false)
  private String outcome;

  private String changes;

  @Column(name = "request_id")
  private String requestId;

  protected AuditEvent() {}

  /**
   * Who did it, and how they came.
   *
   * @param name the user name, or {@code system}
   * @param address where the request came from; null for what the server does by itself
   * @param requestId null for what the server does by itself
   */
  public record Actor(String name, String address, String requestId) {}

  /**
   * What it was done to.
   *
   * @param label what people read: the id and the name, or a path
   * @param id null where there is none
   * @param name null where there is none
   */
  public record Target(String label, String id, String name) {

    /** Something without an id of its own, such as a path; null for nothing. */
    public static Target of(String label) {
      return new Target(label, null, null);
    }

    /** Something with an id, a name or both. */
    public static Target of(String id, String name) {
      String label = id == null || name == null ? (id == null ? name : id) : id + ' ' + name;
      return new Target(label, id, name);
    }
  }

  /**
   * Something that happens now.
   *
   * @param action a word such as {@code key.create}
   * @param changes a JSON array of objects with field, old and new; null for none
   */
  public static AuditEvent now(
      Actor actor, String action, Target target, Outcome outcome, String changes) {
    AuditEvent event = new AuditEvent();
    event.at = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    event.id = sortableId(event.at);
    event.actor = clean(requireNonNull(actor.name()));
    event.address = clean(actor.address());
    event.requestId = clean(actor.requestId());
    event.action = requireNonNull(action);
    event.target = clean(target.label());
    event.targetId = clean(target.id());
    event.targetName = clean(target.name());
    event.outcome = outcome.wire();
    event.changes = changes;
    return event;
  }

  /** What is stored, whatever it says: it may have been changed outside of Mimir. */
  public static AuditEvent ofStored(
      String id,
      Instant at,
      Actor actor,
      String action,
      Target target,
      String outcome,
      String changes) {
    AuditEvent event = new AuditEvent();
    event.id = id;
    event.at = at;
    event.actor = actor.name();
    event.address = actor.address();
    event.requestId = actor.requestId();
    event.action = action;
    event.target = target.label();
    event.targetId = target.id();
    event.targetName = target.name();
    event.outcome = outcome;
    event.changes = changes;
    return event;
  }

  /** Ids sort by time, so that a list can be paged by id while new rows come in. */
  private static String sortableId(Instant at) {
    byte[] random = new byte[8];
    RANDOM.nextBytes(random);
    return "evt_%012x%s".formatted(at.toEpochMilli(), HexFormat.of().formatHex(random));
  }

  private static String clean(String text) {
    return LogText.of(text, MAX_TEXT_CHARS);
  }

  public String getId() {
    return id;
  }

  public Instant getAt() {
    return at;
  }

  public String getActor() {
    return actor;
  }

  public String getAddress() {
    return address;
  }

  public String getAction() {
    return action;
  }

  /** What people read of what it was done to: the id and the name, or a path. */
  public String getTarget() {
    return target;
  }

  public String getTargetId() {
    return targetId;
  }

  public String getTargetName() {
    return targetName;
  }

  public String getOutcome() {
    return outcome;
  }

  /** A JSON array; null for none. */
  public String getChanges() {
    return changes;
  }

  public String getRequestId() {
    return requestId;
  }
}

package io.mimir.audit;

import static java.util.Objects.requireNonNull;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Something that was done or refused: who, when, from where, what, to what, and how it ended. It
 * never holds a value of a secret. Rows are only ever added.
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

  @Column(nullable = false)
  private String outcome;

  @Column(name = "request_id")
  private String requestId;

  protected AuditEvent() {}

  /**
   * @param actor the user name, or {@code system}
   * @param address where the request came from; null for what the server does by itself
   * @param action a word such as {@code key.create}
   * @param target what it was done to, or null
   * @param outcome how it ended
   */
  public AuditEvent(
      Instant at,
      String actor,
      String address,
      String action,
      String target,
      Outcome outcome,
      String requestId) {
    this.id = sortableId(at);
    this.at = at;
    this.actor = clean(requireNonNull(actor));
    this.address = clean(address);
    this.action = requireNonNull(action);
    this.target = clean(target);
    this.outcome = outcome.wire();
    this.requestId = clean(requestId);
  }

  /** Ids sort by time, so that a list can be paged by id while new rows come in. */
  private static String sortableId(Instant at) {
    byte[] random = new byte[8];
    RANDOM.nextBytes(random);
    return "evt_%012x%s".formatted(at.toEpochMilli(), HexFormat.of().formatHex(random));
  }

  /**
   * Names come from people and from requests: control characters and those that turn the direction
   * of writing are replaced, so that no line of the log can be forged (T92).
   */
  private static String clean(String text) {
    if (text == null) {
      return null;
    }
    String cut = text.length() > MAX_TEXT_CHARS ? text.substring(0, MAX_TEXT_CHARS) + "…" : text;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]", "\uFFFD");
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

  public String getTarget() {
    return target;
  }

  public String getOutcome() {
    return outcome;
  }

  public String getRequestId() {
    return requestId;
  }
}

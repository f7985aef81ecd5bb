package io.mimir.audit.web;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditChecks;
import io.mimir.audit.service.AuditLog;
import io.mimir.audit.service.AuditLog.Filter;
import io.mimir.audit.service.Verification;
import io.mimir.web.Problems;
import io.mimir.web.Texts;
import io.mimir.web.Times;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/** Backs {@code settings/audit.xhtml}. The filter is in the address, so that a view can be sent. */
@Named
@ViewScoped
public class AuditBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final int PAGE = 50;

  @EJB transient AuditLog log;
  @EJB transient AuditChecks checks;
  @Inject Problems problems;

  private String actor;
  private String action;
  private String target;
  private String outcome;
  private String from;
  private String to;
  private transient List<AuditRow> rows;
  private boolean more;
  private transient Verification verification;

  /** The first page of what the filter lets through. */
  public void load() {
    rows = problems.attempt(() -> find(null));
  }

  /** Reads the list again. */
  public void refresh() {
    load();
  }

  /** Finds out whether somebody was at the log. */
  public void verify() {
    verification = problems.attemptAloud(() -> checks.verify(List.of()));
  }

  /** What the last verification found; null when there was none. */
  public Verification getVerification() {
    return verification;
  }

  /** The verdict in one sentence. */
  public String getVerdict() {
    long count = verification.findings().size() + verification.findingsLeftOut();
    return verification.intact()
        ? Texts.of(
            "audit.verify.intact",
            verification.events(),
            day(verification.firstAt()),
            day(verification.lastAt()))
        : Texts.of("audit.verify.broken", count);
  }

  /** How many events are from before the chain, and until when; null for none. */
  public String getBefore() {
    return verification.eventsBefore() == 0
        ? null
        : Texts.of(
            "audit.verify.before", verification.eventsBefore(), day(verification.chainSince()));
  }

  /** What each restore took away, in words. */
  public List<String> getRestores() {
    return verification.restores().stream()
        .map(
            each ->
                Texts.of(
                    "audit.verify.restore",
                    Times.second(each.at()),
                    each.backupAt().isEmpty() ? "?" : Times.second(Instant.parse(each.backupAt())),
                    each.eventsGone()))
        .toList();
  }

  private static String day(Instant at) {
    return at == null ? "?" : at.atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }

  /** The page after what is shown. */
  public void loadMore() {
    if (rows == null || rows.isEmpty()) {
      load();
      return;
    }
    List<AuditRow> next = problems.attemptAloud(() -> find(rows.get(rows.size() - 1).id()));
    if (next != null) {
      List<AuditRow> all = new ArrayList<>(rows);
      all.addAll(next);
      rows = all;
    }
  }

  private List<AuditRow> find(String before) {
    Filter filter =
        new Filter(
            actor,
            action,
            target,
            Outcome.ofWire(outcome).orElse(null),
            day(from, "from", 0),
            day(to, "to", 1));
    List<AuditEvent> found = log.find(filter, before, PAGE + 1);
    more = found.size() > PAGE;
    return found.stream().limit(PAGE).map(AuditRow::of).toList();
  }

  /** The start of a day in UTC, some days later. */
  private Instant day(String text, String field, int later) {
    if (text == null) {
      return null;
    }
    try {
      return LocalDate.parse(text).plusDays(later).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeParseException e) {
      problems.add(field, Texts.of("audit.day"));
      return null;
    }
  }

  private static String trimmed(String text) {
    return text == null || text.isBlank() ? null : text.strip();
  }

  /** The actions among what is shown, to choose from. */
  public List<String> getActions() {
    return getRows().stream().map(AuditRow::action).distinct().sorted().toList();
  }

  public boolean isFiltered() {
    return actor != null
        || action != null
        || target != null
        || outcome != null
        || from != null
        || to != null;
  }

  public boolean isBroken() {
    return rows == null;
  }

  public List<AuditRow> getRows() {
    return rows == null ? List.of() : rows;
  }

  public boolean isMore() {
    return more;
  }

  public String getActor() {
    return actor;
  }

  public void setActor(String actor) {
    this.actor = trimmed(actor);
  }

  public String getAction() {
    return action;
  }

  public void setAction(String action) {
    this.action = trimmed(action);
  }

  public String getTarget() {
    return target;
  }

  public void setTarget(String target) {
    this.target = trimmed(target);
  }

  public String getOutcome() {
    return outcome;
  }

  public void setOutcome(String outcome) {
    this.outcome = trimmed(outcome);
  }

  public String getFrom() {
    return from;
  }

  public void setFrom(String from) {
    this.from = trimmed(from);
  }

  public String getTo() {
    return to;
  }

  public void setTo(String to) {
    this.to = trimmed(to);
  }
}

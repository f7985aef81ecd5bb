package io.mimir.audit.web;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.service.AuditLog;
import io.mimir.audit.service.AuditLog.Filter;
import io.mimir.web.Problems;
import io.mimir.web.Texts;
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
  @Inject Problems problems;

  private String actor;
  private String action;
  private String target;
  private String from;
  private String to;
  private transient List<Row> rows;
  private boolean more;

  /** An event as the list shows it. */
  public record Row(
      String id,
      Instant at,
      String actor,
      String address,
      String action,
      String target,
      String outcome,
      String requestId) {

    static Row of(AuditEvent event) {
      return new Row(
          event.getId(),
          event.getAt(),
          event.getActor(),
          event.getAddress(),
          event.getAction(),
          event.getTarget(),
          event.getOutcome(),
          event.getRequestId());
    }
  }

  /** The first page of what the filter lets through. */
  public void load() {
    rows = problems.attempt(() -> find(null));
  }

  /** Reads the list again. */
  public void refresh() {
    load();
  }

  /** The page after what is shown. */
  public void loadMore() {
    if (rows == null || rows.isEmpty()) {
      load();
      return;
    }
    List<Row> next = problems.attemptAloud(() -> find(rows.get(rows.size() - 1).id()));
    if (next != null) {
      List<Row> all = new ArrayList<>(rows);
      all.addAll(next);
      rows = all;
    }
  }

  private List<Row> find(String before) {
    Filter filter = new Filter(actor, action, target, day(from, "from", 0), day(to, "to", 1));
    List<AuditEvent> found = log.find(filter, before, PAGE + 1);
    more = found.size() > PAGE;
    return found.stream().limit(PAGE).map(Row::of).toList();
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
    return getRows().stream().map(Row::action).distinct().sorted().toList();
  }

  public boolean isFiltered() {
    return actor != null || action != null || target != null || from != null || to != null;
  }

  public boolean isBroken() {
    return rows == null;
  }

  public List<Row> getRows() {
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

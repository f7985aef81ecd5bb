package io.mimir.usage.web;

import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import io.mimir.usage.UsageGroup;
import io.mimir.usage.UsageQuery;
import io.mimir.usage.service.Usages;
import io.mimir.web.Problems;
import io.mimir.web.Texts;
import io.mimir.web.Times;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Backs {@code usage.xhtml}. Period and groups are in the address, so that a view can be sent. */
@Named
@ViewScoped
public class UsageBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  /** A month of hours, and more names than any page could show. */
  private static final int MAX_CELLS = 20_000;

  private static final int MAX_ROWS = 100;
  private static final int MAX_BARS = 12;

  @EJB transient Usages usages;
  @Inject UsageLabels labels;
  @Inject Problems problems;

  private UsagePeriod period = UsagePeriod.WEEK;
  private UsageGroup group = UsageGroup.HOUR;

  /** What is told apart within the group, never hours; null for nothing. */
  private UsageGroup second;

  private transient List<UsageRow> rows;
  private transient List<UsageRow> bars;
  private transient UsageRow total;
  private Instant from;
  private Instant to;

  /** Reads everything for the period that ends now. */
  public void load() {
    rows = problems.attempt(() -> read(Instant.now()));
  }

  /** Reads everything again. */
  public void refresh() {
    load();
  }

  private List<UsageRow> read(Instant now) {
    from = period.begin(now);
    to = period.end(now);
    List<Usage> hours = find(EnumSet.of(UsageGroup.HOUR));
    total =
        UsageRow.of(null, null, hours.stream().reduce(Usage.none(UsageCell.TOTAL), Usage::plus));
    if (group == UsageGroup.HOUR) {
      bars = steps(hours, now);
    }
    if (group == UsageGroup.HOUR && second == null) {
      List<UsageRow> newest = new ArrayList<>(bars);
      newest.removeIf(row -> row.requests() == 0);
      Collections.reverse(newest);
      return newest;
    }
    EnumSet<UsageGroup> groups = EnumSet.of(group);
    if (second != null) {
      groups.add(second);
    }
    return group == UsageGroup.HOUR ? stepsBySecond(find(groups)) : most(find(groups));
  }

  private List<UsageRow> most(List<Usage> found) {
    List<UsageRow> most =
        found.stream()
            .map(usage -> row(labels.name(group, usage.cell()), usage.cell().text(group), usage))
            .sorted(Comparator.comparingLong(UsageRow::requests).reversed())
            .toList();
    bars = most.subList(0, Math.min(MAX_BARS, most.size()));
    return most;
  }

  private UsageRow row(String label, String id, Usage usage) {
    if (second == null) {
      return UsageRow.of(label, id, usage);
    }
    UsageCell cell = usage.cell();
    return UsageRow.of(label, id, labels.name(second, cell), cell.text(second), usage);
  }

  /** The newest step first, and in it what has the most requests. */
  private List<UsageRow> stepsBySecond(List<Usage> found) {
    Map<UsageCell, Usage> sums = new HashMap<>();
    for (Usage usage : found) {
      UsageCell cell = usage.cell().at(period.stepOf(usage.cell().hour()));
      sums.merge(cell, usage.in(cell), Usage::plus);
    }
    DateTimeFormatter format = stepFormat();
    return sums.values().stream()
        .sorted(
            Comparator.comparing((Usage usage) -> usage.cell().hour())
                .thenComparingLong(Usage::requests)
                .reversed())
        .map(usage -> row(format.format(usage.cell().hour()), null, usage))
        .toList();
  }

  private DateTimeFormatter stepFormat() {
    return period.isOfDays() ? Times.day() : Times.hour();
  }

  private List<Usage> find(Set<UsageGroup> by) {
    UsageQuery query = new UsageQuery(from, to, by, null);
    return usages.find(labels.caller(), query, null, MAX_CELLS);
  }

  private List<UsageRow> steps(List<Usage> hours, Instant now) {
    TreeMap<Instant, Usage> sums = new TreeMap<>();
    for (Instant step : period.steps(now)) {
      sums.put(step, Usage.none(UsageCell.of(step)));
    }
    for (Usage usage : hours) {
      sums.computeIfPresent(period.stepOf(usage.cell().hour()), (step, sum) -> sum.plus(usage));
    }
    DateTimeFormatter format = stepFormat();
    return sums.entrySet().stream()
        .map(entry -> UsageRow.of(format.format(entry.getKey()), null, entry.getValue()))
        .toList();
  }

  public boolean isBroken() {
    return rows == null;
  }

  public boolean isUnused() {
    return rows != null && rows.isEmpty();
  }

  /** The first rows of the table. */
  public List<UsageRow> getRows() {
    return rows == null ? List.of() : rows.subList(0, Math.min(MAX_ROWS, rows.size()));
  }

  /** What is said where the charts do not show all; else null. */
  public String getTop() {
    return bars != null && rows != null && bars.size() < rows.size()
        ? Texts.of("usage.top", bars.size())
        : null;
  }

  /** What is said where the table does not show all; else null. */
  public String getRest() {
    return rows != null && rows.size() > MAX_ROWS ? Texts.of("usage.rest", MAX_ROWS) : null;
  }

  public UsageRow getTotal() {
    return total;
  }

  public String getRequestsChart() {
    return UsageChart.ofRequests(bars, group != UsageGroup.HOUR);
  }

  public String getTokensChart() {
    return UsageChart.ofTokens(bars, group != UsageGroup.HOUR);
  }

  public List<String> getPeriods() {
    return UsagePeriod.words();
  }

  public List<String> getGroups() {
    return labels.groups().stream().map(UsageGroup::wire).toList();
  }

  /** The groups that may stand within the first one. */
  public List<String> getSeconds() {
    return labels.groups().stream()
        .filter(each -> each != group && each != UsageGroup.HOUR)
        .map(UsageGroup::wire)
        .toList();
  }

  /** Whether the numbers are those of everybody. */
  public boolean isOfAll() {
    return labels.seesAll();
  }

  public boolean isAnythingLeftOut() {
    return total != null && total.leftOut() > 0;
  }

  public Instant getFrom() {
    return from;
  }

  public Instant getTo() {
    return to;
  }

  public String getPeriod() {
    return period.wire();
  }

  /** Anything that is no period leaves the usual one. */
  public void setPeriod(String wire) {
    period = UsagePeriod.ofWire(wire);
  }

  public String getFirst() {
    return group.wire();
  }

  /** The second group, or an empty text. */
  public String getSecond() {
    return second == null ? "" : second.wire();
  }

  /** The groups as they stand in addresses. */
  public String getGroup() {
    return second == null ? group.wire() : group.wire() + "," + second.wire();
  }

  /** Anything that is no group leaves the usual one; of more than two the first two count. */
  public void setGroup(String words) {
    List<UsageGroup> known =
        Arrays.stream(words == null ? new String[0] : words.split(","))
            .flatMap(word -> UsageGroup.ofWire(word.strip()).stream())
            .filter(labels.groups()::contains)
            .distinct()
            .toList();
    group = known.isEmpty() ? UsageGroup.HOUR : known.get(0);
    second = known.size() < 2 || known.get(1) == UsageGroup.HOUR ? null : known.get(1);
  }
}

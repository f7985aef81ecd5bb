package io.mimir.usage.web;

import io.mimir.credential.service.KeyNames;
import io.mimir.security.service.TokenNames;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import io.mimir.usage.UsageGroup;
import io.mimir.usage.UsageQuery;
import io.mimir.usage.service.Usages;
import io.mimir.web.Problems;
import io.mimir.web.Texts;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Backs {@code usage.xhtml}. Period and group are in the address, so that a view can be sent. */
@Named
@ViewScoped
public class UsageBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  /** A month of hours, and more names than any page could show. */
  private static final int MOST = 20_000;

  private static final int SHOWN = 100;
  private static final int CHARTED = 12;

  private static final DateTimeFormatter HOUR =
      DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM yyyy", Locale.ENGLISH).withZone(ZoneOffset.UTC);

  @EJB transient Usages usages;
  @EJB transient KeyNames keyNames;
  @EJB transient TokenNames tokenNames;
  @Inject Problems problems;

  private UsagePeriod period = UsagePeriod.WEEK;
  private UsageGroup group = UsageGroup.HOUR;
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
    List<Usage> hours = find(UsageGroup.HOUR);
    UsageCell all = new UsageCell(null, null, null, null);
    total = UsageRow.of(null, null, hours.stream().reduce(Usage.none(all), Usage::plus));
    if (group == UsageGroup.HOUR) {
      bars = steps(hours, now);
      List<UsageRow> newest = new ArrayList<>(bars);
      newest.removeIf(row -> row.requests() == 0);
      Collections.reverse(newest);
      return newest;
    }
    Map<String, String> names =
        switch (group) {
          case KEY -> keyNames.all();
          case TOKEN -> tokenNames.all();
          default -> Map.of();
        };
    List<UsageRow> most =
        find(group).stream()
            .map(usage -> named(usage, names))
            .sorted(Comparator.comparingLong(UsageRow::requests).reversed())
            .toList();
    bars = most.subList(0, Math.min(CHARTED, most.size()));
    return most;
  }

  private List<Usage> find(UsageGroup by) {
    return usages.find(new UsageQuery(from, to, by), null, MOST);
  }

  private List<UsageRow> steps(List<Usage> hours, Instant now) {
    TreeMap<Instant, Usage> sums = new TreeMap<>();
    for (Instant step : period.steps(now)) {
      sums.put(step, Usage.none(new UsageCell(step, null, null, null)));
    }
    for (Usage usage : hours) {
      sums.computeIfPresent(period.stepOf(usage.cell().hour()), (step, sum) -> sum.plus(usage));
    }
    DateTimeFormatter format = period.isOfDays() ? DAY : HOUR;
    return sums.entrySet().stream()
        .map(entry -> UsageRow.of(format.format(entry.getKey()), null, entry.getValue()))
        .toList();
  }

  private UsageRow named(Usage usage, Map<String, String> names) {
    UsageCell cell = usage.cell();
    return switch (group) {
      case KEY -> named(cell.keyId(), names, Texts.of("usage.key.none"), usage);
      case TOKEN -> named(cell.tokenId(), names, Texts.of("usage.token.none"), usage);
      default -> UsageRow.of(cell.model(), cell.model(), usage);
    };
  }

  private static UsageRow named(String id, Map<String, String> names, String nobody, Usage usage) {
    return UsageRow.of(id == null ? nobody : names.getOrDefault(id, id), id, usage);
  }

  public boolean isBroken() {
    return rows == null;
  }

  public boolean isUnused() {
    return rows != null && rows.isEmpty();
  }

  /** The first rows of the table. */
  public List<UsageRow> getRows() {
    return rows == null ? List.of() : rows.subList(0, Math.min(SHOWN, rows.size()));
  }

  /** What is said where the charts do not show all; else null. */
  public String getTop() {
    return bars != null && rows != null && bars.size() < rows.size()
        ? Texts.of("usage.top", bars.size())
        : null;
  }

  /** What is said where the table does not show all; else null. */
  public String getRest() {
    return rows != null && rows.size() > SHOWN ? Texts.of("usage.rest", SHOWN) : null;
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
    return UsageGroup.words();
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

  public String getGroup() {
    return group.wire();
  }

  /** Anything that is no group leaves the usual one. */
  public void setGroup(String wire) {
    group = UsageGroup.ofWire(wire).orElse(UsageGroup.HOUR);
  }
}

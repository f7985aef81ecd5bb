package io.mimir.usage.service;

import io.mimir.time.InstantConverter;
import io.mimir.usage.LatencyHistogram;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import io.mimir.usage.UsageGroup;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The columns of the table {@code usage_hours}, and what stands in them. */
final class UsageColumns {

  /** The column of each member of a cell: together they are the primary key. */
  private static final Map<UsageGroup, String> MEMBERS =
      new EnumMap<>(
          Map.of(
              UsageGroup.HOUR, "hour",
              UsageGroup.KEY, "key_id",
              UsageGroup.TOKEN, "token_id",
              UsageGroup.MODEL, "model",
              UsageGroup.PIPELINE, "pipeline_id",
              UsageGroup.CLIENT, "client",
              UsageGroup.ACCOUNT, "account_id"));

  private static final List<String> COUNTS =
      List.of(
          "requests",
          "errors",
          "input_tokens",
          "output_tokens",
          "estimated",
          "left_out",
          "latency_ms");

  /** What adds up: the buckets of the histogram have a column each, so that SQL can sum them up. */
  static final List<String> SUMS =
      Stream.of(
              COUNTS.stream(),
              LatencyHistogram.BOUNDS_MS.stream().map(bound -> "calls_" + bound + "ms"),
              Stream.of("calls_longer"))
          .flatMap(columns -> columns)
          .toList();

  private static final InstantConverter TIMES = new InstantConverter();

  private UsageColumns() {}

  static String of(UsageGroup group) {
    return MEMBERS.get(group);
  }

  /** The columns of these groups, in the order of {@link UsageCell#ORDER}. */
  static List<String> of(Set<UsageGroup> groups) {
    return MEMBERS.keySet().stream().filter(groups::contains).map(MEMBERS::get).toList();
  }

  static Object stored(Instant time) {
    return TIMES.convertToDatabaseColumn(time);
  }

  /** Members of a primary key are never null: no text is stored as the empty one. */
  static Object stored(UsageCell cell, UsageGroup group) {
    if (group == UsageGroup.HOUR) {
      return stored(cell.hour());
    }
    String text = cell.text(group);
    return text == null ? "" : text;
  }

  /** The values of a whole row, those of the cell first. */
  static List<Object> row(Usage usage) {
    List<Object> row = new ArrayList<>();
    MEMBERS.keySet().forEach(group -> row.add(stored(usage.cell(), group)));
    row.addAll(
        List.of(
            usage.requests(),
            usage.errors(),
            usage.inputTokens(),
            usage.outputTokens(),
            usage.estimated(),
            usage.leftOut(),
            usage.latencyMs()));
    row.addAll(usage.latency().counts());
    return row;
  }

  /**
   * Reads a row back.
   *
   * @param groups whose columns come first, in the order of {@link #of(Set)}
   */
  static Usage usage(Set<UsageGroup> groups, Object[] row) {
    Map<UsageGroup, Object> members = new EnumMap<>(UsageGroup.class);
    int at = 0;
    for (UsageGroup group : MEMBERS.keySet()) {
      if (groups.contains(group)) {
        members.put(group, row[at++]);
      }
    }
    UsageCell cell =
        new UsageCell(
            TIMES.convertToEntityAttribute(members.get(UsageGroup.HOUR)),
            text(members.get(UsageGroup.KEY)),
            text(members.get(UsageGroup.TOKEN)),
            text(members.get(UsageGroup.MODEL)),
            text(members.get(UsageGroup.PIPELINE)),
            text(members.get(UsageGroup.CLIENT)),
            text(members.get(UsageGroup.ACCOUNT)));
    int buckets = at + COUNTS.size();
    long[] latency = new long[LatencyHistogram.BUCKETS];
    for (int i = 0; i < latency.length; i++) {
      latency[i] = number(row[buckets + i]);
    }
    return new Usage(
        cell,
        number(row[at]),
        number(row[at + 1]),
        number(row[at + 2]),
        number(row[at + 3]),
        number(row[at + 4]),
        number(row[at + 5]),
        number(row[at + 6]),
        LatencyHistogram.of(latency));
  }

  private static String text(Object stored) {
    return stored == null || stored.toString().isEmpty() ? null : stored.toString();
  }

  static long number(Object stored) {
    return stored == null ? 0 : ((Number) stored).longValue();
  }
}

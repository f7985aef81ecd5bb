package io.mimir.usage.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import io.mimir.usage.UsageGroup;
import io.mimir.usage.UsageQuery;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class UsagesTest {

  private static final Instant EIGHT = Instant.parse("2026-01-31T08:00:00Z");
  private static final Instant NINE = Instant.parse("2026-01-31T09:00:00Z");

  private static UsageQuery query(UsageGroup group) {
    return UsageQuery.of(EIGHT, NINE.plusSeconds(1), group, NINE);
  }

  private static Usage usage(Instant hour, String key, String model, long requests) {
    return new Usage(new UsageCell(hour, key, null, model), requests, 0, 0, 0, 0);
  }

  @Test
  void whatIsNotWrittenYetIsAddedWhereItBelongs() {
    List<Usage> stored = List.of(usage(NINE, "a", "m", 1), usage(EIGHT, "a", "m", 2));
    List<Usage> unwritten = List.of(usage(NINE, "a", "m", 10), usage(NINE, "b", "m", 100));

    assertThat(Usages.merge(stored, unwritten, query(UsageGroup.NONE), null, 10))
        .containsExactly(
            usage(NINE, "a", "m", 11), usage(NINE, "b", "m", 100), usage(EIGHT, "a", "m", 2));
  }

  @Test
  void groupsAreAddedUp() {
    List<Usage> stored = List.of(usage(null, null, "m", 3));
    List<Usage> unwritten = List.of(usage(NINE, "a", "m", 10), usage(EIGHT, "b", "m", 100));

    assertThat(Usages.merge(stored, unwritten, query(UsageGroup.MODEL), null, 10))
        .containsExactly(usage(null, null, "m", 113));
  }

  @Test
  void aPageBeginsAfterTheOneBeforeAndIsNoLongerThanAsked() {
    List<Usage> unwritten =
        List.of(
            usage(NINE, "c", "m", 1),
            usage(NINE, "a", "m", 1),
            usage(NINE, "b", "m", 1),
            usage(NINE, "d", "m", 1));

    assertThat(
            Usages.merge(
                List.of(), unwritten, query(UsageGroup.NONE), usage(NINE, "a", "m", 0).cell(), 2))
        .extracting(usage -> usage.cell().keyId())
        .containsExactly("b", "c");
  }

  @Test
  void whatIsOutsideOfThePeriodDoesNotCount() {
    List<Usage> unwritten =
        List.of(
            usage(EIGHT.minusSeconds(3600), "a", "m", 1),
            usage(NINE.plusSeconds(3600), "a", "m", 1));

    assertThat(Usages.merge(List.of(), unwritten, query(UsageGroup.HOUR), null, 10)).isEmpty();
  }
}

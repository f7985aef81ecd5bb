package io.mimir.usage.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.security.service.Identity;
import io.mimir.usage.LatencyHistogram;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import io.mimir.usage.UsageGroup;
import io.mimir.usage.UsageQuery;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsagesTest {

  private static final Instant EIGHT = Instant.parse("2026-01-31T08:00:00Z");
  private static final Instant NINE = Instant.parse("2026-01-31T09:00:00Z");

  private static UsageQuery query(UsageGroup... groups) {
    return UsageQuery.of(EIGHT, NINE.plusSeconds(1), Set.of(groups), NINE);
  }

  private static Usage usage(Instant hour, String key, String model, long requests) {
    return usage(hour, key, model, null, requests);
  }

  private static Usage usage(
      Instant hour, String key, String model, String account, long requests) {
    return new Usage(
        new UsageCell(hour, key, null, model, null, null, account),
        requests,
        0,
        0,
        0,
        0,
        0,
        0,
        LatencyHistogram.NONE);
  }

  @Test
  void whatIsNotWrittenYetIsAddedWhereItBelongs() {
    List<Usage> stored = List.of(usage(NINE, "a", "m", 1), usage(EIGHT, "a", "m", 2));
    List<Usage> unwritten = List.of(usage(NINE, "a", "m", 10), usage(NINE, "b", "m", 100));

    assertThat(Usages.merge(stored, unwritten, query(), null, 10))
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

    assertThat(Usages.merge(List.of(), unwritten, query(), usage(NINE, "a", "m", 0).cell(), 2))
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

  @Test
  void severalGroupsAreAddedUpTogether() {
    List<Usage> stored = List.of(usage(NINE, null, "m", 1), usage(EIGHT, null, "m", 3));
    List<Usage> unwritten =
        List.of(usage(NINE, "a", "m", 10), usage(NINE, "b", "m", 100), usage(EIGHT, "b", "n", 7));

    assertThat(Usages.merge(stored, unwritten, query(UsageGroup.HOUR, UsageGroup.MODEL), null, 10))
        .containsExactly(
            usage(NINE, null, "m", 111), usage(EIGHT, null, "m", 3), usage(EIGHT, null, "n", 7));
  }

  @Test
  void whatMemoryHasOfOthersIsNotToldToOneAccount() {
    List<Usage> unwritten =
        List.of(
            usage(NINE, "a", "m", "usr_ann", 1),
            usage(NINE, "a", "m", "usr_bob", 10),
            usage(NINE, "a", "m", 100));

    assertThat(
            Usages.merge(
                List.of(), unwritten, query(UsageGroup.MODEL).ofAccount("usr_ann"), null, 10))
        .containsExactly(usage(null, null, "m", 1));
  }

  @ParameterizedTest
  @CsvSource({"admin, true", "auditor, true", "user, false", "person, false"})
  void administratorsAndAuditorsSeeAllAndOthersTheirOwn(String group, boolean all) {
    List<UsageQuery> asked = new ArrayList<>();
    Usages usages = new Usages();
    usages.meter = new UsageMeter();
    usages.store =
        new StoreDouble() {
          @Override
          public List<Usage> find(UsageQuery query, UsageCell after, int limit) {
            asked.add(query);
            return List.of();
          }
        };
    Identity caller =
        new Identity("usr_ann", "ann", Set.of(group), List.of(group), EIGHT, null, List.of(), null);

    usages.find(caller, query(UsageGroup.KEY), null, 10);

    assertThat(asked).extracting(UsageQuery::accountId).containsExactly(all ? null : "usr_ann");
  }
}

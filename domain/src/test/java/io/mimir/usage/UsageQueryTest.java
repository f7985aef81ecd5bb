package io.mimir.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.ProblemException;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UsageQueryTest {

  private static final Instant NOW = Instant.parse("2026-01-31T08:20:00Z");

  private static UsageQuery query(String from, String to) {
    return UsageQuery.of(
        from == null ? null : Instant.parse(from),
        to == null ? null : Instant.parse(to),
        Set.of(),
        NOW);
  }

  private static UsageCell hour(String hour) {
    return new UsageCell(Instant.parse(hour), "key_1", null, "m", null, null, "usr_ann");
  }

  @Test
  void theLastSevenDaysAreUsual() {
    UsageQuery query = query(null, null);

    assertThat(query.from()).isEqualTo("2026-01-24T08:00:00Z");
    assertThat(query.covers(hour("2026-01-31T08:00:00Z"))).isTrue();
    assertThat(query.covers(hour("2026-01-31T09:00:00Z"))).isFalse();
  }

  @Test
  void theBeginningIsPartOfThePeriodAndTheEndIsNot() {
    UsageQuery query = query("2026-01-30T08:59:00Z", "2026-01-30T10:00:00Z");

    assertThat(query.covers(hour("2026-01-30T07:00:00Z"))).isFalse();
    assertThat(query.covers(hour("2026-01-30T08:00:00Z"))).isTrue();
    assertThat(query.covers(hour("2026-01-30T09:00:00Z"))).isTrue();
    assertThat(query.covers(hour("2026-01-30T10:00:00Z"))).isFalse();
  }

  @Test
  void aPeriodWithoutABeginningIsSevenDaysLong() {
    assertThat(query(null, "2026-01-10T00:00:00Z").from()).isEqualTo("2026-01-03T00:00:00Z");
  }

  @Test
  void anEndBeforeTheBeginningIsRefused() {
    assertThatThrownBy(() -> query("2026-01-30T08:00:00Z", "2026-01-30T08:00:00Z"))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void yearsOfFiveDigitsAreRefused() {
    assertThatThrownBy(() -> query("2026-01-30T08:00:00Z", "+10000-01-01T00:00:00Z"))
        .isInstanceOf(ProblemException.class);
    assertThatThrownBy(() -> query("1969-01-30T08:00:00Z", null))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void aQueryForOneAccountCoversNoOther() {
    UsageQuery query = query(null, null);

    assertThat(query.ofAccount("usr_ann").covers(hour("2026-01-31T08:00:00Z"))).isTrue();
    assertThat(query.ofAccount("usr_bob").covers(hour("2026-01-31T08:00:00Z"))).isFalse();
    assertThat(query.ofAccount("usr_ann").groups()).isEqualTo(query.groups());
  }
}

package io.mimir.usage.web;

import static io.mimir.usage.UsageGroup.CLIENT;
import static io.mimir.usage.UsageGroup.HOUR;
import static io.mimir.usage.UsageGroup.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.ProblemException;
import io.mimir.usage.UsageCell;
import io.mimir.usage.UsageGroup;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageCursorTest {

  private static final Set<UsageGroup> KEYS = Set.of(KEY);

  @Test
  void aCellComesBackAsItWas() {
    UsageCell cell =
        new UsageCell(
            Instant.parse("2026-01-31T08:00:00Z"),
            "key_1",
            "token_1",
            "modèle/é",
            "pipe_1",
            "curl",
            "usr_1");

    assertThat(UsageCursor.parse(UsageCursor.of(cell), Set.of())).isEqualTo(cell);
  }

  @Test
  void whatIsNotThereSortsLikeNothing() {
    UsageCell cell = UsageCell.of("key_1", null);

    assertThat(UsageCell.ORDER.compare(UsageCursor.parse(UsageCursor.of(cell), KEYS), cell))
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "%%%", "ChQUFBQ", "MQoyCjMKNA"})
  void anythingElseIsRefused(String cursor) {
    assertThatThrownBy(() -> UsageCursor.parse(cursor, Set.of()))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void aCursorOfAnotherGroupIsRefused() {
    String ofKeys = UsageCursor.of(UsageCell.of("key_1", null));

    assertThatThrownBy(() -> UsageCursor.parse(ofKeys, Set.of(HOUR, KEY)))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void ofSeveralGroupsTheOtherMembersDoNotCount() {
    UsageCell cell = new UsageCell(null, "key_1", "token_1", "m", null, "curl", "usr_1");

    assertThat(UsageCursor.parse(UsageCursor.of(cell), Set.of(KEY, CLIENT)))
        .isEqualTo(new UsageCell(null, "key_1", null, null, null, "curl", null));
  }
}

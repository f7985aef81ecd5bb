package io.mimir.usage.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.ProblemException;
import io.mimir.usage.UsageCell;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageCursorTest {

  @Test
  void aCellComesBackAsItWas() {
    UsageCell cell =
        new UsageCell(Instant.parse("2026-01-31T08:00:00Z"), "key_1", "token_1", "modèle/é");

    assertThat(UsageCursor.parse(UsageCursor.of(cell), true)).isEqualTo(cell);
  }

  @Test
  void whatIsNotThereSortsLikeNothing() {
    UsageCell cell = new UsageCell(null, "key_1", null, null);

    assertThat(UsageCell.ORDER.compare(UsageCursor.parse(UsageCursor.of(cell), false), cell))
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "%%%", "ChQUFBQ", "MQoyCjMKNAo1"})
  void anythingElseIsRefused(String cursor) {
    assertThatThrownBy(() -> UsageCursor.parse(cursor, true)).isInstanceOf(ProblemException.class);
  }

  @Test
  void aCursorOfAnotherGroupIsRefused() {
    String ofKeys = UsageCursor.of(new UsageCell(null, "key_1", null, null));

    assertThatThrownBy(() -> UsageCursor.parse(ofKeys, true)).isInstanceOf(ProblemException.class);
  }
}

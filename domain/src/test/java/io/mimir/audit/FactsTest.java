package io.mimir.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class FactsTest {

  private static Facts facts() {
    return new Facts().tell("weight", 1).tell("name", "a").secret("key", "mark-1");
  }

  @Test
  void whatStaysTheSameIsNoChange() {
    assertThat(Facts.between(facts(), facts())).isEmpty();
  }

  @Test
  void whatDiffersIsToldInItsOrderAndSecretsLast() {
    Facts after = new Facts().tell("weight", 2).tell("name", "a").tell("on", true);

    assertThat(Facts.between(facts(), after.secret("key", "mark-2")))
        .containsExactly(
            new Change("weight", 1, 2), new Change("on", null, true), Change.ofSecret("key"));
  }

  @Test
  void whatIsMadeOrGoneIsToldFromAndToNothing() {
    assertThat(Facts.between(new Facts(), facts()))
        .containsExactly(
            new Change("weight", null, 1), new Change("name", null, "a"), Change.ofSecret("key"));
    assertThat(Facts.between(facts(), new Facts()).get(0)).isEqualTo(new Change("weight", 1, null));
  }

  @Test
  void theMarkOfASecretIsNeverTold() {
    assertThat(Facts.between(new Facts(), facts()).toString()).doesNotContain("mark");
  }

  @Test
  void valuesAreOfFewTypesAndBounded() {
    Facts after =
        new Facts()
            .tell("at", Instant.parse("2026-01-31T08:00:00.123456Z"))
            .tell("long", "x".repeat(500))
            .tell("line", "a\nb")
            .tell("many", Collections.nCopies(60, "m"));

    List<Change> changes = Facts.between(new Facts(), after);
    assertThat(changes.get(0).now()).isEqualTo("2026-01-31T08:00:00.123Z");
    assertThat(changes.get(1).now().toString()).hasSize(201).endsWith("…");
    assertThat(changes.get(2).now()).isEqualTo("a\uFFFDb");
    assertThat((List<?>) changes.get(3).now()).hasSize(51).last().isEqualTo("… 10 more");
  }
}

package io.mimir.storage.service;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ejb.EJBException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LastUsesTest {

  private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");

  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final List<Map<String, Instant>> written = new ArrayList<>();
  private final LastUses uses =
      new LastUses("things", Duration.ofHours(1), () -> scheduler, this::write);

  private void write(Map<String, Instant> due) {
    written.add(Map.copyOf(due));
  }

  @AfterEach
  void end() {
    scheduler.shutdownNow();
  }

  @Test
  void areKnownAtOnceAndWrittenAtTheEnd() {
    uses.used("a", NOON);
    uses.used("a", NOON.plusSeconds(1));

    assertThat(uses.of("a")).contains(NOON.plusSeconds(1));
    assertThat(uses.of("b")).isEmpty();
    uses.stop(this::write);
    assertThat(written).containsExactly(Map.of("a", NOON.plusSeconds(1)));
  }

  @Test
  void areNotWrittenTwice() {
    uses.used("a", NOON);
    uses.stop(this::write);
    uses.stop(this::write);

    assertThat(written).hasSize(1);
  }

  @Test
  void areKeptWhenTheyCannotBeWritten() {
    uses.used("a", NOON);
    uses.stop(
        due -> {
          throw new EJBException("no database");
        });
    uses.stop(this::write);

    assertThat(written).containsExactly(Map.of("a", NOON));
  }
}

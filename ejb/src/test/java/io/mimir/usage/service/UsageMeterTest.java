package io.mimir.usage.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.usage.CallSource;
import io.mimir.usage.CallUsage;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import io.mimir.usage.service.StoreDouble.Fate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UsageMeterTest {

  private static final int THREADS = 8;
  private static final int CALLS = 40_000;

  private final StoreDouble store = new StoreDouble();
  private final HandClock clock = new HandClock("2026-01-31T22:10:00Z");
  private final UsageMeter meter = new UsageMeter();

  @BeforeEach
  void wire() {
    meter.store = store;
    meter.clock = clock;
  }

  private void count(
      String key, String token, String model, boolean error, long in, long out, long ms) {
    meter.count(
        CallUsage.of(CallSource.of("usr_ann", token), key, model, error, ms).withTokens(in, out));
  }

  private void call(String key, long tokens) {
    count(key, null, "m", false, tokens, 0, 5);
  }

  private List<Usage> unwritten() {
    return meter.besideUnwritten(rows -> rows);
  }

  @Test
  void eightThreadsLoseNothingWhileItIsWrittenAndStorageFails() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
    AtomicBoolean done = new AtomicBoolean();
    try {
      Future<?> writer =
          threads.submit(
              () -> {
                for (int turn = 0; !done.get(); turn++) {
                  store.fate = Fate.values()[turn % Fate.values().length];
                  meter.write();
                }
              });
      List<Future<?>> counting = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        String token = thread % 2 == 0 ? null : "token_" + thread;
        counting.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < CALLS; i++) {
                    count("key_" + i % 3, token, "m" + i % 5, i % 4 == 0, 2, 3, 7);
                  }
                }));
      }
      for (Future<?> each : counting) {
        each.get(60, TimeUnit.SECONDS);
      }
      done.set(true);
      writer.get(60, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }
    store.fate = Fate.WRITTEN;
    meter.write();

    long calls = (long) THREADS * CALLS;
    assertThat(store.total())
        .isEqualTo(
            new Usage(
                new UsageCell(null, null, null, null),
                calls,
                calls / 4,
                2 * calls,
                3 * calls,
                7 * calls));
    assertThat(unwritten()).isEmpty();
    assertThat(
            meter.tokensThisMonth("key_0")
                + meter.tokensThisMonth("key_1")
                + meter.tokensThisMonth("key_2"))
        .isEqualTo(5 * calls);
    assertThat(meter.sinceStart().stream().mapToLong(Usage::requests).sum()).isEqualTo(calls);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fate.class,
      names = {"REFUSED", "WRITTEN_BUT_NOT_ANSWERED"})
  void whatFailedIsWrittenOnceAtTheNextTime(Fate fate) {
    call("key_1", 10);
    store.fate = fate;
    meter.write();
    assertThat(unwritten()).hasSize(1);
    call("key_1", 5);
    call("key_2", 1);
    meter.write();

    store.fate = Fate.WRITTEN;
    meter.write();
    meter.write();

    assertThat(store.total().requests()).isEqualTo(3);
    assertThat(store.total().inputTokens()).isEqualTo(16);
    assertThat(unwritten()).isEmpty();
  }

  @Test
  void whatIsWrittenAlreadyIsNotWrittenAgain() {
    call("key_1", 10);
    meter.write();
    meter.write();
    call("key_1", 1);
    meter.write();

    assertThat(store.sizes).containsExactly(1, 1);
    assertThat(store.total().inputTokens()).isEqualTo(11);
  }

  @Test
  void theMonthBeginsWithWhatIsStoredAndEndsAtMidnightOfUtc() {
    store.tokens = Map.of("key_1", 100L);
    meter.remember();
    assertThat(store.tokensFrom).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    call("key_1", 5);
    count("key_1", "token_1", "other model", false, 2, 3, 1);
    assertThat(meter.tokensThisMonth("key_1")).isEqualTo(110);

    clock.forward(Duration.ofHours(1));
    call("key_1", 1);
    assertThat(meter.tokensThisMonth("key_1")).as("another hour of it").isEqualTo(111);

    clock.forward(Duration.ofHours(1));
    assertThat(meter.tokensThisMonth("key_1")).as("February").isZero();
    call("key_1", 7);
    assertThat(meter.tokensThisMonth("key_1")).isEqualTo(7);
    assertThat(meter.tokensThisMonth("key_2")).isZero();

    clock.forward(Duration.ofHours(-2));
    assertThat(meter.tokensThisMonth("key_1")).as("the clock was set back").isEqualTo(111);
  }

  @Test
  void unknownTokensCountAsNone() {
    count("key_1", null, null, true, -1, -1, -1);
    meter.write();

    assertThat(store.table.values())
        .containsExactly(
            new Usage(
                new UsageCell(Instant.parse("2026-01-31T22:00:00Z"), "key_1", null, "unknown"),
                1,
                1,
                0,
                0,
                0));
    assertThat(meter.tokensThisMonth("key_1")).isZero();
  }

  @Test
  void aFloodOfInventedModelsIsCountedUnderOther() {
    for (int i = 0; i < 12_000; i++) {
      count("key_1", null, "invented-" + i, false, 1, 0, 1);
    }
    count("key_1", null, "invented-3", false, 1, 0, 1);
    meter.write();

    assertThat(store.table).hasSize(10_001);
    assertThat(store.total().requests()).isEqualTo(12_001);
    assertThat(
            store.table.values().stream()
                .filter(usage -> usage.cell().model().equals("other"))
                .mapToLong(Usage::requests)
                .sum())
        .isEqualTo(2_000);
    assertThat(store.sizes).allSatisfy(size -> assertThat(size).isLessThanOrEqualTo(1_000));
  }

  @Test
  void aNameThatNoDatabaseTakesIsMadeOneThatItTakes() {
    count("key_1", null, "a\0b\n\ud800" + "x".repeat(1_000), false, 1, 0, 1);
    meter.write();

    assertThat(store.table.keySet())
        .allSatisfy(cell -> assertThat(cell.model()).startsWith("a?b??xxx").hasSize(200));
  }

  @Test
  void hoursThatAreOverLeaveMemoryAndStayInTheSumsSinceTheStart() {
    call("key_1", 1);
    count("key_1", null, "m", true, 0, 0, 5);
    for (int hour = 0; hour < 5; hour++) {
      clock.forward(Duration.ofHours(1));
      call("key_1", 1);
      meter.write();
    }

    assertThat(meter.sinceStart())
        .containsExactly(new Usage(new UsageCell(null, "key_1", null, "m"), 7, 1, 6, 0, 35));
    assertThat(store.table).hasSize(6);
  }
}

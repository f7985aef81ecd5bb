package io.mimir.usage.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.usage.CallSource;
import io.mimir.usage.CallUsage;
import io.mimir.usage.LatencyHistogram;
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

  private static UsageCell cell(
      String key, String token, String model, String pipeline, String client) {
    Instant hour = Instant.parse("2026-01-31T22:00:00Z");
    return new UsageCell(hour, key, token, model, pipeline, client, "usr_ann");
  }

  private static LatencyHistogram tookAtMostTenMs(long calls) {
    long[] counts = new long[LatencyHistogram.BUCKETS];
    counts[0] = calls;
    return LatencyHistogram.of(counts);
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
                UsageCell.TOTAL,
                calls,
                calls / 4,
                2 * calls,
                3 * calls,
                0,
                0,
                7 * calls,
                tookAtMostTenMs(calls)));
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
                cell("key_1", null, "unknown", null, null),
                1,
                1,
                0,
                0,
                0,
                0,
                0,
                tookAtMostTenMs(1)));
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
        .containsExactly(
            new Usage(UsageCell.of("key_1", "m"), 7, 1, 6, 0, 0, 0, 35, tookAtMostTenMs(7)));
    assertThat(store.table).hasSize(6);
  }

  @Test
  void whoCalledAndWhatWasEstimatedAndLeftOutIsKept() {
    CallSource ann =
        CallSource.of("usr_ann", "token_1").withPipeline("pipe_1").withUserAgent("curl/8.7.1");
    meter.count(CallUsage.of(ann, "key_1", "m", false, 700).withTokens(3, 4, true).withLeftOut(2));
    meter.count(CallUsage.of(ann, "key_1", "m", true, 400_000).withLeftOut(3));
    meter.write();

    long[] calls = new long[LatencyHistogram.BUCKETS];
    calls[LatencyHistogram.bucketOf(700)] = 1;
    calls[LatencyHistogram.BUCKETS - 1] = 1;
    assertThat(store.table.values())
        .containsExactly(
            new Usage(
                cell("key_1", "token_1", "m", "pipe_1", "curl"),
                2,
                1,
                3,
                4,
                1,
                5,
                400_700,
                LatencyHistogram.of(calls)));
  }

  @Test
  void aClientThatIsNotOfTheSetIsCountedUnderOther() {
    meter.count(
        CallUsage.of(
            new CallSource("usr_ann", null, null, "evil/" + "x".repeat(500)), "k", "m", false, 1));
    meter.write();

    assertThat(store.table.keySet()).containsExactly(cell("k", null, "m", null, "other"));
  }

  @Test
  void inAFloodOfModelsTheirPipelinesAndClientsAreNotToldApartEither() {
    List<String> clients = List.of("curl/8", "codex/1", "opencode/1", "aider/1");
    for (int i = 0; i < 12_000; i++) {
      CallSource source =
          CallSource.of("usr_ann", "token_" + i % 2)
              .withPipeline("pipe_" + i % 50)
              .withUserAgent(clients.get(i % 4));
      meter.count(CallUsage.of(source, "key_1", "invented-" + i, false, 1).withTokens(1, 0));
    }
    meter.write();

    assertThat(store.table).hasSize(10_002);
    assertThat(store.table.get(cell("key_1", "token_0", "other", null, "other")).requests())
        .isEqualTo(1_000);
  }
}

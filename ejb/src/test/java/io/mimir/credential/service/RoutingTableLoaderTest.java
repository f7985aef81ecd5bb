package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.KeyMetadata;
import io.mimir.credential.LastTest;
import io.mimir.credential.RequestOptions;
import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import io.mimir.llm.Probe;
import io.mimir.metrics.service.MetricsSource;
import io.mimir.security.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What memory makes of the stored keys. */
class RoutingTableLoaderTest {

  private static final long HOUR = Duration.ofHours(1).toNanos();
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final CredentialBeans beans = new CredentialBeans();
  private final RoutingTableLoader loader = beans.loader;
  private final ModelListRefresher refresher = new ModelListRefresher();

  @BeforeEach
  void start() {
    refresher.loader = loader;
    refresher.vault = beans.vault;
    refresher.probes = beans.tests.probes;
    refresher.scheduler = beans.scheduler.managed();
  }

  @AfterEach
  void close() {
    beans.close();
  }

  private void changed(ApiKey key) {
    loader.keysChanged(new KeysChanged(key.getId()));
  }

  private List<String> names() {
    return loader.table().keys().stream().map(RoutableKey::name).toList();
  }

  private RoutableKey only() {
    assertThat(loader.table().keys()).hasSize(1);
    return loader.table().keys().iterator().next();
  }

  @Test
  void activeKeysAreInTheTableFromTheStartOn() {
    ApiKey one = beans.add("one");
    beans.add(CredentialBeans.draft("off").withActive(false));
    assertThat(names()).isEmpty();

    loader.load(new Started());

    assertThat(names()).containsExactly("one");
    assertThat(loader.runtime(one.getId())).isNotNull();
    assertThat(loader.runtime("key_none")).isNull();
    beans.change(one, KeyDraft.NONE.withActive(false));
    changed(one);
    assertThat(names()).isEmpty();
    loader.stop(new Stopping());
    assertThat(beans.scheduler.cancelled()).isEqualTo(2);
  }

  @Test
  void whatAKeySaysIsInTheTable() {
    beans.add(
        CredentialBeans.draft("one")
            .withPlace(7, 3)
            .withMetadata(
                Map.of(
                    "rate_limit",
                    5,
                    "tokens_per_minute",
                    600,
                    "max_concurrent",
                    2,
                    "monthly_tokens",
                    1000,
                    "timeout_seconds",
                    9)));
    loader.reload();

    RoutableKey key = only();
    assertThat(key.priority()).isEqualTo(7);
    assertThat(key.weight()).isEqualTo(3);
    assertThat(key.requestsPerMinute()).isEqualTo(5);
    assertThat(key.tokensPerMinute()).isEqualTo(600);
    assertThat(key.maxConcurrent()).isEqualTo(2);
    assertThat(key.monthlyTokens()).isEqualTo(1000);
    assertThat(key.timeout()).isEqualTo(Duration.ofSeconds(9));
    assertThat(key.expiresAt()).isEqualTo(Instant.MAX);
    assertThat(key.endpoint().url().toString()).isEqualTo(CredentialBeans.URL);
    assertThat(key.candidate()).isNull();
    assertThat(beans.vault.open(key.sealed(), key.context()).reveal()).isEqualTo("sk-one");
  }

  @Test
  void aKeyWithoutLimitsHasNone() {
    beans.add("one");
    loader.reload();

    assertThat(only().requestsPerMinute()).isEqualTo(Integer.MAX_VALUE);
    assertThat(only().tokensPerMinute()).isEqualTo(Long.MAX_VALUE);
    assertThat(only().maxConcurrent()).isEqualTo(Integer.MAX_VALUE);
    assertThat(only().monthlyTokens()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aKeyIsLeftOutFromItsExpiryOn() {
    Instant soon = Instant.now().plusSeconds(2);
    beans.add(
        CredentialBeans.draft("soon")
            .withExtras(new KeyDraft.Extras(RequestOptions.Change.NONE, true, soon)));
    beans.add(
        CredentialBeans.draft("over")
            .withExtras(
                new KeyDraft.Extras(
                    RequestOptions.Change.NONE, true, Instant.now().minusSeconds(1))));
    beans.add("ever");
    loader.reload();

    assertThat(names()).containsExactlyInAnyOrder("soon", "ever");
    while (Instant.now().isBefore(soon)) {
      Thread.onSpinWait();
    }
    assertThat(names()).containsExactly("ever");
  }

  /** What is sealed is bound to its row: whoever moves it there gets nothing, and is seen. */
  @Test
  void aKeyThatWasTamperedWithIsLeftOutAndWrittenDownOnce() {
    ApiKey one = beans.add("one");
    ApiKey two = beans.add("two");
    beans.putSealedOf(two, one);

    loader.reload();
    loader.reload();

    assertThat(names()).containsExactly("two");
    assertThat(loader.runtime(one.getId()).unreadable).isTrue();
    assertThat(beans.log.lines()).hasSize(1);
    assertThat(beans.log.lines().get(0))
        .startsWith("key.ciphertext_tamper " + one.getId() + " one")
        .endsWith("failure");
    beans.change(one, KeyDraft.NONE.withSecret(Secret.of("sk-again")));
    changed(one);
    assertThat(names()).containsExactlyInAnyOrder("one", "two");
    assertThat(loader.runtime(one.getId()).unreadable).isFalse();
  }

  @Test
  void aChangeGivesAKeyItsGoodNameBackAndAnotherKeysChangeDoesNot() {
    ApiKey one = beans.add("one");
    ApiKey two = beans.add("two");
    loader.reload();
    KeyRuntime runtime = loader.runtime(one.getId());
    runtime.health.failed(
        new LlmException(CallOutcome.AUTH_FAILED, "no"), "m", 1, System.nanoTime());

    beans.change(two, KeyDraft.NONE.withPlace(1, 1));
    changed(two);
    assertThat(runtime.health.trouble()).isEqualTo(CallOutcome.AUTH_FAILED);
    beans.change(one, KeyDraft.NONE.withPlace(1, 1));
    changed(one);

    assertThat(loader.runtime(one.getId())).isSameAs(runtime);
    assertThat(runtime.health.trouble()).isNull();
  }

  @Test
  void whatIsMeasuredOfAKeyTellsWhetherCallsAreMadeWithIt() {
    ApiKey one = beans.add("one");
    loader.reload();
    KeyRuntime runtime = loader.runtime(one.getId());
    runtime.concurrent.set(2);
    runtime.failures.add(3);
    KeyMetrics metrics = new KeyMetrics();
    metrics.loader = loader;

    assertThat(measured(metrics, one))
        .containsExactly(
            "mimir_key_usable 1.0",
            "mimir_key_pause_seconds 0.0",
            "mimir_key_concurrent_calls 2.0",
            "mimir_key_failures_total 3.0");
    runtime.health.failed(
        new LlmException(CallOutcome.AUTH_FAILED, "no"), "m", 1, System.nanoTime());
    List<String> paused = measured(metrics, one);
    assertThat(paused).contains("mimir_key_usable 0.0");
    assertThat(Double.parseDouble(paused.get(1).split(" ")[1])).isBetween(1.0, 5.0);
  }

  private static List<String> measured(KeyMetrics metrics, ApiKey key) {
    List<String> lines = new ArrayList<>();
    metrics.report(
        new MetricsSource.Sink() {
          @Override
          public void gauge(String name, String help, double value, String... labels) {
            assertThat(labels).containsExactly("key", key.getId(), "provider", "custom");
            lines.add(name + " " + value);
          }

          @Override
          public void counter(String name, String help, double value, String... labels) {
            gauge(name, help, value, labels);
          }

          @Override
          public void histogram(
              String name,
              String help,
              List<Double> bounds,
              List<Long> counts,
              double sum,
              String... labels) {
            throw new UnsupportedOperationException(name);
          }
        });
    return lines;
  }

  @Test
  void aListOfModelsIsReadWhereNoneIsKnownAndThenServes() {
    beans.add("one");
    loader.reload();
    beans.answer = () -> new Probe(CallOutcome.OK, "fine", 1, List.of("m1"), null, null);
    refresher.start(new Started());
    refresher.keysChanged(new KeysChanged("any"));

    beans.scheduler.runAll();

    assertThat(beans.asked).containsExactly("sk-one");
    assertThat(only().offer().ids()).containsExactly("m1");
    refresher.refresh();
    assertThat(beans.asked).hasSize(1);
    only().runtime().list.doubt();
    refresher.refresh();
    assertThat(beans.asked).as("a doubt waits for a minute").hasSize(1);
    refresher.stop(new Stopping());
    assertThat(beans.scheduler.cancelled()).isEqualTo(1);
  }

  @Test
  void aListThatCannotBeReadChangesNothing() {
    ApiKey one = beans.add("one");
    loader.reload();
    beans.answer = () -> new Probe(CallOutcome.TIMEOUT, "slow", 1, List.of("m1"), null, null);
    refresher.refresh();
    assertThat(only().offer().isKnown()).isFalse();
    assertThat(beans.asked).hasSize(1);
    refresher.stop(new Stopping());

    ApiKey two = beans.add("two");
    changed(two);
    beans.change(one, KeyDraft.NONE.withMetadata(Map.of("available_models", List.of("m2"))));
    changed(one);
    beans.asked.clear();
    refresher.refresh();
    assertThat(beans.asked)
        .as("what an administrator listed is not asked for")
        .containsExactly("sk-two");
  }

  @Test
  void aListIsReadAgainAfterAnHourOrADoubtOrTenMinutesOfKnowingNothing() {
    ReadModelList list = new ReadModelList();
    long now = System.nanoTime();
    assertThat(list.isDue(false, now)).isTrue();
    assertThat(list.isDue(true, now)).isFalse();
    assertThat(list.isDue(true, now + HOUR + MINUTE)).isTrue();
    list.doubt();
    assertThat(list.isDue(true, now)).isTrue();

    list.begin(now);
    assertThat(list.isDue(false, now + 10 * MINUTE)).isFalse();
    assertThat(list.isDue(false, now + 10 * MINUTE + 1)).isTrue();
    assertThat(list.isDue(true, now + 10 * MINUTE + 1)).isFalse();
    assertThat(list.learn(List.of("a"))).isTrue();
    assertThat(list.learn(List.of("a"))).isFalse();
    assertThat(list.models()).containsExactly("a");
    assertThat(list.isDue(false, now + 10 * MINUTE + 1)).isFalse();
    assertThat(list.isDue(true, now + HOUR)).isFalse();
    assertThat(list.isDue(true, now + HOUR + 1)).isTrue();
    list.doubt();
    assertThat(list.isDue(true, now + MINUTE)).isFalse();
    assertThat(list.isDue(true, now + MINUTE + 1)).isTrue();

    list.forget();
    assertThat(list.models()).isNull();
    assertThat(list.isDue(false, now)).isTrue();
    assertThat(list.isDue(true, now)).isFalse();
  }

  @Test
  void aServerThatLetsMostCallsWaitForAMinuteIsAskedLast() {
    KeyRuntime runtime = new KeyRuntime();
    long now = System.nanoTime();
    for (int i = 0; i < 3; i++) {
      runtime.waits("silent " + i, now);
    }
    runtime.waits("young 0", now + MINUTE);
    runtime.waits("young 1", now + MINUTE);

    runtime.judgeSilence(now + MINUTE - 1);
    assertThat(runtime.health.isFailing(now)).isFalse();
    runtime.judgeSilence(now + MINUTE);
    assertThat(runtime.health.isFailing(now)).isTrue();
    runtime.waits("young 2", now + MINUTE);
    runtime.judgeSilence(now + MINUTE);
    assertThat(runtime.health.isFailing(now)).as("half is not most").isFalse();
    runtime.waitsNoLonger("young 2");
    runtime.waitsNoLonger("silent 0");
    runtime.judgeSilence(now + MINUTE);
    assertThat(runtime.health.isFailing(now)).as("two are not enough").isFalse();
  }

  @Test
  void verdictsAndMetadataAreReadAsTheyWereWritten() {
    LastTestConverter tests = new LastTestConverter();
    Instant at = Instant.parse("2026-11-30T12:00:00.123Z");
    LastTest plain = new LastTest(false, "timeout", "slow", 20, List.of("a", "b"), at);
    LastTest.Findings found = new LastTest.Findings("https://x.example", List.of("p"), "/api");
    LastTest.Findings bare = new LastTest.Findings("https://x.example", null, null);

    assertThat(tests.convertToDatabaseColumn(null)).isNull();
    assertThat(tests.convertToEntityAttribute(null)).isNull();
    assertThat(tests.convertToEntityAttribute(" ")).isNull();
    for (LastTest.Findings findings : new LastTest.Findings[] {null, found, bare}) {
      LastTest test = new LastTest(true, "ok", plain.message(), 20, plain.models(), at, findings);
      assertThat(tests.convertToEntityAttribute(tests.convertToDatabaseColumn(test)))
          .isEqualTo(test);
    }
    assertThat(tests.convertToEntityAttribute(tests.convertToDatabaseColumn(plain)))
        .isEqualTo(plain);
    for (String broken : List.of("{", "{} {}")) {
      assertThatThrownBy(() -> tests.convertToEntityAttribute(broken))
          .isInstanceOf(IllegalStateException.class);
    }

    KeyMetadataConverter metadata = new KeyMetadataConverter();
    KeyMetadata some = KeyMetadata.EMPTY.merge(Map.of("default_model", "m"));
    assertThat(metadata.convertToDatabaseColumn(null)).isEqualTo("{}");
    assertThat(metadata.convertToEntityAttribute(metadata.convertToDatabaseColumn(some)).members())
        .isEqualTo(some.members());
    assertThat(metadata.convertToEntityAttribute("").members()).isEmpty();
    assertThat(metadata.convertToEntityAttribute(null).members()).isEmpty();
    assertThatThrownBy(() -> metadata.convertToEntityAttribute("["))
        .isInstanceOf(IllegalStateException.class);
  }
}

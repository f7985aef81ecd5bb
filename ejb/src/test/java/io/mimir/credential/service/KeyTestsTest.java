package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.KeyStatus;
import io.mimir.credential.LastTest;
import io.mimir.credential.RequestOptions;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import io.mimir.llm.Probe;
import io.mimir.llm.ProviderOperation;
import io.mimir.security.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyTestsTest {

  private final CredentialBeans beans = new CredentialBeans();
  private final KeyTests tests = beans.tests;

  @AfterEach
  void close() {
    beans.close();
  }

  private LastTest test(ApiKey key) {
    anew();
    return beans.store.in(() -> tests.test(key.getId()));
  }

  private LastTest ask(ApiKey key) {
    anew();
    return beans.store.in(() -> tests.ask(key.getId()));
  }

  /** As if a minute had gone by. */
  private void anew() {
    tests.limiter = new KeyTestLimiter();
  }

  private void refuses(Problem problem, Runnable deed) {
    assertThatThrownBy(() -> beans.store.during(deed))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  private void failed(ApiKey key) {
    beans.loader.keysChanged(new KeysChanged(key.getId()));
    beans
        .loader
        .runtime(key.getId())
        .health
        .failed(new LlmException(CallOutcome.AUTH_FAILED, "no"), "m", 1, System.nanoTime());
  }

  @Test
  void theVerdictIsStoredWithWhatWasFoundAndMovesNoVersion() {
    ApiKey key = beans.add("one");
    beans.answer =
        () ->
            new Probe(
                CallOutcome.OK,
                "fine",
                20,
                List.of("a", "b"),
                Set.of(ProviderOperation.all().iterator().next()),
                "/api");

    LastTest verdict = test(key);

    assertThat(verdict.success()).isTrue();
    assertThat(beans.asked).containsExactly("sk-one");
    ApiKey stored = beans.stored(key);
    assertThat(stored.getVersion()).isEqualTo(key.getVersion());
    assertThat(stored.getLastUsedAt()).isNull();
    LastTest kept = stored.getLastTest().orElseThrow();
    assertThat(kept).isEqualTo(verdict);
    assertThat(kept.findings().basePath()).isEqualTo("/api");
    assertThat(kept.findings().endpointUrl()).isEqualTo(CredentialBeans.URL);
    assertThat(beans.changes).hasSize(2).contains(new KeysChanged(key.getId()));
    assertThat(beans.log.lines()).hasSize(1);
    assertThat(beans.log.lines().get(0)).startsWith("key.test " + key.getId()).endsWith("success");
  }

  @Test
  void aFailureIsToldAndLeavesAKeysBadNameAndASuccessClearsIt() {
    ApiKey key = beans.add("one");
    failed(key);
    beans.answer = () -> new Probe(CallOutcome.AUTH_FAILED, "no", 20);

    assertThat(test(key).reason()).isEqualTo("auth_failed");
    assertThat(beans.log.lines().get(0)).contains("auth_failed").endsWith("failure");
    assertThat(beans.statuses.trouble(key)).isPresent();

    beans.answer = () -> new Probe(CallOutcome.OK, "fine", 20);
    test(key);
    assertThat(beans.statuses.trouble(key)).isEmpty();
    assertThat(beans.statuses.statusOf(beans.stored(key))).isEqualTo(KeyStatus.ACTIVE);
  }

  @Test
  void aModelIsAskedAndWhatTheTestBeforeFoundStaysKnown() {
    ApiKey key = beans.add("one");
    refuses(Problem.MISSING_FIELD, () -> tests.ask(key.getId()));
    beans.answer = () -> new Probe(CallOutcome.OK, "fine", 20, List.of("listed"), null, "/api");
    test(key);
    beans.answer = () -> new Probe(CallOutcome.TIMEOUT, "slow", 30);

    LastTest asked = ask(key);

    assertThat(beans.asked).endsWith("sk-one listed");
    assertThat(asked.success()).isFalse();
    assertThat(asked.reason()).isEqualTo("timeout");
    assertThat(asked.models()).containsExactly("listed");
    assertThat(asked.findings().basePath()).isEqualTo("/api");
    assertThat(beans.stored(key).getLastTest()).contains(asked);
  }

  @Test
  void whichModelIsAskedIsWhatAnAdministratorSaid() {
    ApiKey key = beans.add("one");
    beans.change(key, KeyDraft.NONE.withMetadata(Map.of("available_models", List.of("v*", "v1"))));
    ask(key);
    beans.change(key, KeyDraft.NONE.withMetadata(Map.of("allowed_models", List.of("w*", "w1"))));
    ask(key);
    beans.change(key, KeyDraft.NONE.withMetadata(Map.of("default_model", "d")));
    ask(key);

    assertThat(beans.asked).containsExactly("sk-one v1", "sk-one w1", "sk-one d");
    assertThat(beans.stored(key).getLastTest().orElseThrow().models()).isEmpty();
  }

  @Test
  void aKeyThatDoesNotOpenIsSaidToBeUnreadable() {
    ApiKey one = beans.add("one");
    ApiKey two = beans.add("two");
    beans.putSealedOf(two, one);

    refuses(Problem.REFUSED, () -> tests.test(one.getId()));

    assertThat(beans.asked).isEmpty();
    assertThat(beans.log.lines().get(0)).contains("unreadable").endsWith("failure");
    assertThat(beans.statuses.statusOf(beans.stored(one))).isEqualTo(KeyStatus.UNREADABLE);
  }

  @Test
  void aKeyThatIsNotSavedIsTestedAndStaysSo() {
    LastTest verdict =
        tests.testUnsaved(CredentialBeans.draft("draft").withSecret(Secret.of(" sk-d ")));

    assertThat(verdict.success()).isTrue();
    assertThat(beans.asked).containsExactly("sk-d");
    assertThat(beans.keys.all()).isEmpty();
    assertThat(beans.log.lines().get(0)).startsWith("key.test null draft").endsWith("success");
    assertThat(beans.deeds).isEmpty();
    for (int i = 1; i < 10; i++) {
      tests.testUnsaved(CredentialBeans.draft("draft"));
    }
    refuses(Problem.RATE_LIMITED, () -> tests.testUnsaved(CredentialBeans.draft("draft")));
  }

  /** T16: a test is a request to wherever an administrator says. */
  @Test
  void aKeyIsTestedOnceASecondAndAnAdministratorTestsTenTimesAMinute() {
    KeyTestLimiter limiter = new KeyTestLimiter();
    limiter.take("ada", "key_1");

    assertThatThrownBy(() -> limiter.take("bob", "key_1"))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(Problem.RATE_LIMITED);
              assertThat(e.retryAfter().orElseThrow())
                  .isBetween(Duration.ofMillis(1), Duration.ofSeconds(1));
            });
    for (int i = 2; i <= 10; i++) {
      limiter.take("ada", i % 2 == 0 ? null : "key_" + i);
    }
    assertThatThrownBy(() -> limiter.take("ada", null))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e ->
                assertThat(e.retryAfter().orElseThrow())
                    .isBetween(Duration.ofMillis(1), Duration.ofMinutes(1)));
    limiter.take("bob", "key_2");
  }

  @Test
  void aStatusTellsWhatAnAdministratorHasToKnow() {
    ApiKey key = beans.add("one");
    beans.loader.keysChanged(new KeysChanged(key.getId()));
    assertThat(beans.statuses.statusOf(key)).isEqualTo(KeyStatus.UNTESTED);
    assertThat(beans.statuses.trouble(key)).isEmpty();
    assertThat(beans.statuses.lastUse(key)).isEmpty();

    for (CallOutcome fine : List.of(CallOutcome.RATE_LIMITED, CallOutcome.OK)) {
      beans.answer = () -> new Probe(fine, "x", 1);
      test(key);
      assertThat(beans.statuses.statusOf(beans.stored(key))).isEqualTo(KeyStatus.ACTIVE);
    }
    beans.answer = () -> new Probe(CallOutcome.CANNOT_TELL, "x", 1);
    test(key);
    assertThat(beans.statuses.statusOf(beans.stored(key))).isEqualTo(KeyStatus.UNTESTED);
    beans.answer = () -> new Probe(CallOutcome.FORBIDDEN, "x", 1);
    test(key);
    assertThat(beans.statuses.statusOf(beans.stored(key))).isEqualTo(KeyStatus.FAILING);

    beans.uses.used(key.getId());
    assertThat(beans.statuses.statusOf(beans.stored(key))).isEqualTo(KeyStatus.ACTIVE);
    assertThat(beans.statuses.lastUse(key)).isPresent();

    failed(key);
    assertThat(beans.statuses.statusOf(beans.stored(key))).isEqualTo(KeyStatus.FAILING);
    KeyStatusReader.Trouble trouble = beans.statuses.trouble(key).orElseThrow();
    assertThat(trouble.reason()).isEqualTo("auth_failed");
    assertThat(trouble.left()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));

    ApiKey disabled = beans.change(key, KeyDraft.NONE.withActive(false));
    assertThat(beans.statuses.statusOf(disabled)).isEqualTo(KeyStatus.DISABLED);
    assertThat(beans.statuses.trouble(disabled)).isEmpty();
  }

  @Test
  void aKeyWhoseTimeIsOverFails() {
    Instant soon = Instant.now().plusMillis(50);
    ApiKey key =
        beans.add(
            CredentialBeans.draft("one")
                .withExtras(new KeyDraft.Extras(RequestOptions.Change.NONE, true, soon)));
    while (!Instant.now().isAfter(soon)) {
      Thread.onSpinWait();
    }

    assertThat(beans.statuses.statusOf(key)).isEqualTo(KeyStatus.FAILING);
    assertThat(beans.statuses.trouble(key))
        .contains(new KeyStatusReader.Trouble("expired", Duration.ZERO));
    ApiKey disabled = beans.change(key, KeyDraft.NONE.withActive(false));
    assertThat(beans.statuses.trouble(disabled)).isEmpty();
  }
}

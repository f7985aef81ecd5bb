package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.ModelRef;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import io.mimir.llm.service.Catalogs;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.EgressClients;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.service.TestVaults;
import io.mimir.usage.service.UsageMeter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeyRingLimitsTest {

  private static final ModelRef MODEL = new ModelRef(Provider.CUSTOM, "m");

  private final List<ApiKey> keys = new ArrayList<>();
  private final AtomicLong spent = new AtomicLong();
  private final ModelCatalog catalog = new ModelCatalog();
  private final RoutingTableLoader loader = new RoutingTableLoader();
  private final Vault vault = TestVaults.fresh();
  private KeyRing ring;

  @BeforeEach
  void start() {
    ring = new KeyRing();
    ring.vault = vault;
    ring.loader = loader;
    ring.uses = new KeyUses();
    ring.limits = new KeyLimits();
    catalog.loader = loader;
    loader.vault = vault;
    loader.store =
        new KeyUse() {
          @Override
          public List<ApiKey> active() {
            return List.copyOf(keys);
          }
        };
    loader.catalog = Catalogs.usual();
    loader.endpoints = new KeyEndpoints();
    loader.endpoints.catalog = loader.catalog;
    loader.egress = EgressClients.open("127.0.0.1");
    ring.trials = new RotationTrials();
    ring.limits.meter =
        new UsageMeter() {
          @Override
          public long tokensThisMonth(String keyId) {
            return spent.get();
          }
        };
  }

  private ApiKey key(String name, Object... metadata) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("available_models", List.of("m"));
    for (int i = 0; i < metadata.length; i += 2) {
      members.put((String) metadata[i], metadata[i + 1]);
    }
    ApiKey key =
        new ApiKey(
            KeyDraft.of(Provider.CUSTOM, name).withMetadata(members),
            EndpointUrl.parse("http://127.0.0.1:9"),
            "admin",
            Instant.now());
    key.replaceSecret(Secret.of("sk-" + name), vault);
    keys.add(key);
    loader.keysChanged(new KeysChanged(key.getId()));
    return key;
  }

  private KeyLease borrow() {
    return ring.lend(MODEL, new TriedKeys(), () -> 10, 0);
  }

  private static ProblemException refusal(Runnable deed) {
    try {
      deed.run();
    } catch (ProblemException e) {
      return e;
    }
    throw new AssertionError("It was not refused");
  }

  @Test
  void requestsPerMinuteHold() {
    key("a", "rate_limit", 2);
    borrow().close();
    borrow().close();

    ProblemException e = refusal(this::borrow);

    assertThat(e.problem()).isEqualTo(Problem.RATE_LIMITED);
    assertThat(e.retryAfter().orElseThrow())
        .isBetween(Duration.ofSeconds(50), Duration.ofMinutes(1));
  }

  @Test
  void tokensPerMinuteHoldAndAnswersCount() {
    key("a", "tokens_per_minute", 100);
    try (KeyLease lease = borrow()) {
      lease.answered(95);
    }

    assertThat(refusal(this::borrow).problem()).isEqualTo(Problem.RATE_LIMITED);
  }

  @Test
  void concurrentCallsHoldUntilOneEnds() {
    key("a", "max_concurrent", 1);
    KeyLease first = borrow();

    assertThat(refusal(this::borrow).retryAfter()).contains(Duration.ofSeconds(1));
    first.close();
    first.close();
    borrow().close();
  }

  @Test
  void theBudgetOfAMonthHolds() {
    key("a", "monthly_tokens", 1000);
    borrow().close();
    spent.set(1000);

    ProblemException e = refusal(this::borrow);

    assertThat(e.problem()).isEqualTo(Problem.RATE_LIMITED);
    assertThat(e.getMessage()).contains("month");
    assertThat(e.retryAfter().orElseThrow()).isLessThanOrEqualTo(Duration.ofDays(31));
  }

  @Test
  void aCallThatOneLimitRefusesCostsNothingOfTheOthers() {
    key("a", "rate_limit", 2, "max_concurrent", 1);
    KeyLease first = borrow();
    for (int i = 0; i < 10; i++) {
      refusal(this::borrow);
    }
    first.close();

    borrow().close();
  }

  @Test
  void anotherKeyTakesOverWhereOneIsAtItsLimit() {
    key("a", "rate_limit", 1);
    key("b");

    List<String> names = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      try (KeyLease lease = borrow()) {
        names.add(lease.keyName());
      }
    }

    assertThat(names).containsOnlyOnce("a").contains("b");
  }

  @Test
  void aKeyThatFailedIsLeftAloneAndItsCallsGoToTheOther() {
    key("a");
    key("b");
    TriedKeys tries = new TriedKeys();
    KeyLease first = ring.lend(MODEL, tries, () -> 0, 0);
    first.failed(new LlmException(CallOutcome.AUTH_FAILED, "refused"), 1);
    tries.add(first);
    first.close();

    assertThat(ring.lend(MODEL, tries, () -> 0, 0).keyId()).isNotEqualTo(first.keyId());
    for (int i = 0; i < 5; i++) {
      assertThat(borrow().keyId()).isNotEqualTo(first.keyId());
    }
  }

  @Test
  void noKeyThatWorksIsSomethingElseThanALimit() {
    key("a");
    borrow().failed(new LlmException(CallOutcome.AUTH_FAILED, "refused"), 1);

    assertThat(refusal(this::borrow).problem()).isEqualTo(Problem.NO_USABLE_KEY);
  }

  @Test
  void aKeyServesTheModelsThatItIsConfinedTo() {
    key("a", "allowed_models", List.of("only"));

    assertThat(refusal(this::borrow).problem()).isEqualTo(Problem.NO_USABLE_KEY);
    assertThat(
            ring.lend(new ModelRef(Provider.CUSTOM, "only"), new TriedKeys(), () -> 0, 0).keyName())
        .isEqualTo("a");
    assertThatThrownBy(() -> catalog.resolve(new ModelRef(null, "m")))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void aCandidateHasItsShareAndNoMore() {
    ApiKey key = key("a");
    key.propose(Secret.of("sk-new"), 10, 1000, vault, "admin", Instant.now());
    loader.keysChanged(new KeysChanged(key.getId()));

    int trials = 0;
    for (int i = 0; i < 1000; i++) {
      try (KeyLease lease = borrow()) {
        trials += lease.isCandidate() ? 1 : 0;
      }
    }

    assertThat(trials).isEqualTo(100);
  }

  @Test
  void afterACandidateFailedTheSameCallGetsTheKeysOwnSecret() {
    ApiKey key = key("a");
    key.propose(Secret.of("sk-new"), 50, 1000, vault, "admin", Instant.now());
    loader.keysChanged(new KeysChanged(key.getId()));
    TriedKeys tries = new TriedKeys();
    KeyLease trial = ring.lend(MODEL, tries, () -> 0, 0);
    assertThat(trial.isCandidate()).isTrue();
    trial.failed(new LlmException(CallOutcome.UPSTREAM_ERROR, 500, "failed", null), 1);
    tries.add(trial);

    KeyLease next = ring.lend(MODEL, tries, () -> 0, 0);

    assertThat(next.keyId()).isEqualTo(key.getId());
    assertThat(next.isCandidate()).isFalse();
    assertThat(loader.runtime(key.getId()).health.trouble()).as("the key itself is sound").isNull();
  }
}

package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.credential.ApiKey;
import io.mimir.credential.ModelRef;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import io.mimir.llm.service.ProviderCatalog;
import io.mimir.net.EndpointUrl;
import io.mimir.net.service.EgressClients;
import io.mimir.security.DataKey;
import io.mimir.security.MasterKey;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
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
  private final Vault vault = vault();
  private KeyRing ring;

  private static Vault vault() {
    MasterKey master = MasterKey.parse(MasterKey.generate());
    return new Vault(
        master,
        List.of(
            DataKey.create(DataKey.SEAL, master, Instant.EPOCH),
            DataKey.create(DataKey.MAC, master, Instant.EPOCH)));
  }

  @BeforeEach
  void start() {
    ring = new KeyRing();
    ring.vault = vault;
    ring.store =
        new KeyUse() {
          @Override
          public List<ApiKey> active() {
            return List.copyOf(keys);
          }
        };
    ring.endpoints = new ProviderCatalog();
    ring.egress = EgressClients.open("127.0.0.1");
    ring.canaries = new Canaries();
    ring.meter =
        new UsageMeter() {
          @Override
          public long tokensThisMonth(String keyId) {
            return spent.get();
          }
        };
  }

  private ApiKey key(String name, Object... metadata) {
    ApiKey key =
        new ApiKey(
            Provider.CUSTOM, name, EndpointUrl.parse("http://127.0.0.1:9"), "admin", Instant.now());
    key.replaceSecret(Secret.of("sk-" + name), vault);
    Map<String, Object> members = new LinkedHashMap<>();
    for (int i = 0; i < metadata.length; i += 2) {
      members.put((String) metadata[i], metadata[i + 1]);
    }
    key.mergeMetadata(members);
    keys.add(key);
    ring.keysChanged(new KeysChanged(key.getId()));
    return key;
  }

  private Loan borrow() {
    return ring.borrow(MODEL, new KeyRing.Tries(), 10);
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
    try (Loan loan = borrow()) {
      loan.answered(95);
    }

    assertThat(refusal(this::borrow).problem()).isEqualTo(Problem.RATE_LIMITED);
  }

  @Test
  void concurrentCallsHoldUntilOneEnds() {
    key("a", "max_concurrent", 1);
    Loan first = borrow();

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
    Loan first = borrow();
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
      try (Loan loan = borrow()) {
        names.add(loan.keyName());
      }
    }

    assertThat(names).containsOnlyOnce("a").contains("b");
  }

  @Test
  void aKeyThatFailedIsLeftAloneAndItsCallsGoToTheOther() {
    key("a");
    key("b");
    KeyRing.Tries tries = new KeyRing.Tries();
    Loan first = ring.borrow(MODEL, tries, 0);
    first.failed(new LlmException(CallOutcome.AUTH_FAILED, "refused"));
    tries.add(first);
    first.close();

    assertThat(ring.borrow(MODEL, tries, 0).keyId()).isNotEqualTo(first.keyId());
    for (int i = 0; i < 5; i++) {
      assertThat(borrow().keyId()).isNotEqualTo(first.keyId());
    }
  }

  @Test
  void noKeyThatWorksIsSomethingElseThanALimit() {
    key("a");
    borrow().failed(new LlmException(CallOutcome.AUTH_FAILED, "refused"));

    assertThat(refusal(this::borrow).problem()).isEqualTo(Problem.NO_USABLE_KEY);
  }

  @Test
  void aKeyServesTheModelsThatItIsConfinedTo() {
    key("a", "allowed_models", List.of("only"));

    assertThat(refusal(this::borrow).problem()).isEqualTo(Problem.NO_USABLE_KEY);
    assertThat(ring.borrow(new ModelRef(Provider.CUSTOM, "only"), new KeyRing.Tries(), 0).keyName())
        .isEqualTo("a");
    assertThatThrownBy(() -> ring.resolve(new ModelRef(null, "m")))
        .isInstanceOf(ProblemException.class);
  }

  @Test
  void aCandidateHasItsShareAndNoMore() {
    ApiKey key = key("a");
    key.propose(Secret.of("sk-new"), 10, 1000, vault, "admin", Instant.now());
    ring.keysChanged(new KeysChanged(key.getId()));

    int trials = 0;
    for (int i = 0; i < 1000; i++) {
      try (Loan loan = borrow()) {
        trials += loan.isCandidate() ? 1 : 0;
      }
    }

    assertThat(trials).isEqualTo(100);
  }

  @Test
  void afterACandidateFailedTheSameCallGetsTheKeysOwnSecret() {
    ApiKey key = key("a");
    key.propose(Secret.of("sk-new"), 50, 1000, vault, "admin", Instant.now());
    ring.keysChanged(new KeysChanged(key.getId()));
    KeyRing.Tries tries = new KeyRing.Tries();
    Loan trial = ring.borrow(MODEL, tries, 0);
    assertThat(trial.isCandidate()).isTrue();
    trial.failed(new LlmException(CallOutcome.UPSTREAM_ERROR, 500, "failed", null));
    tries.add(trial);

    Loan next = ring.borrow(MODEL, tries, 0);

    assertThat(next.keyId()).isEqualTo(key.getId());
    assertThat(next.isCandidate()).isFalse();
    assertThat(ring.trouble(key)).as("the key itself is sound").isEmpty();
  }
}

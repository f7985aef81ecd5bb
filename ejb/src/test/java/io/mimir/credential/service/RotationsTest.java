package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Change;
import io.mimir.audit.service.AuditLog;
import io.mimir.audit.service.TestEvents;
import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.service.TestVaults;
import jakarta.persistence.EntityManager;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the server does by itself with a running rotation. */
class RotationsTest {

  private static final Vault VAULT = TestVaults.fresh();
  private static final int CALLS = 3;

  private final List<AuditedAction> deeds = new ArrayList<>();
  private final List<KeysChanged> changes = new ArrayList<>();
  private final RotationTrials trials = new RotationTrials();
  private final ApiKey key =
      new ApiKey(
          KeyDraft.of(Provider.CUSTOM, "mine"),
          EndpointUrl.parse("https://one.example"),
          "ada",
          Instant.EPOCH);
  private Rotations rotations;

  @BeforeEach
  void begin() {
    key.replaceSecret(Secret.of("sk-old"), VAULT);
    key.propose(Secret.of("sk-new"), 10, CALLS, VAULT, "ada", Instant.EPOCH);
    rotations = new Rotations();
    rotations.em = storeOf(key);
    rotations.vault = VAULT;
    rotations.trials = trials;
    rotations.deeds = TestEvents.into(deeds);
    rotations.changed = TestEvents.into(changes);
  }

  private static EntityManager storeOf(ApiKey key) {
    return (EntityManager)
        Proxy.newProxyInstance(
            EntityManager.class.getClassLoader(),
            new Class<?>[] {EntityManager.class},
            (proxy, method, arguments) ->
                method.getName().equals("find") && arguments[1].equals(key.getId()) ? key : null);
  }

  private void succeed(int times) {
    for (int i = 0; i < times; i++) {
      trials.succeeded(key.getId());
    }
  }

  private String secret() {
    return key.open(VAULT).reveal();
  }

  @Test
  void aCandidateThatHasHadItsCallsReplacesTheOldSecret() {
    succeed(CALLS);

    rotations.promote(key.getId());

    assertThat(secret()).isEqualTo("sk-new");
    assertThat(key.candidate()).isEmpty();
    assertThat(deeds).hasSize(2).as("begun and done").containsOnly(deeds.get(0));
    AuditedAction deed = deeds.get(1);
    assertThat(deed.isDone() && deed.isAutomatic()).isTrue();
    assertThat(deed.action()).isEqualTo("key.rotation.promote");
    assertThat(deed.targetId()).isEqualTo(key.getId());
    assertThat(deed.targetName()).isEqualTo("mine");
    assertThat(deed.changes()).containsExactly(Change.ofSecret("key_value"));
    assertThat(changes).containsExactly(new KeysChanged(key.getId()));
    assertThat(trials.ok(key.getId())).as("the next one begins at nothing").isZero();
  }

  @Test
  void aCandidateThatHasNotHadItsCallsStaysOne() {
    succeed(CALLS - 1);

    rotations.promote(key.getId());

    assertThat(secret()).isEqualTo("sk-old");
    assertThat(key.candidate()).isPresent();
    assertThat(deeds).isEmpty();
    assertThat(trials.ok(key.getId())).isEqualTo(CALLS - 1);
  }

  @Test
  void aCandidateThatFailedIsRemovedWithTheReason() {
    succeed(1);
    trials.failed(key.getId());

    rotations.rollBack(key.getId(), "auth_failed");

    assertThat(secret()).isEqualTo("sk-old");
    assertThat(key.candidate()).isEmpty();
    assertThat(key.history().updatedBy()).isEqualTo(AuditLog.SYSTEM);
    AuditedAction deed = deeds.get(1);
    assertThat(deed.isDone() && deed.isAutomatic()).isTrue();
    assertThat(deed.action()).isEqualTo("key.rotation.rollback");
    assertThat(deed.targetId()).isEqualTo(key.getId());
    assertThat(deed.changes())
        .containsExactly(
            Change.detail("reason", "auth_failed"), Change.ofSecret("rotation.key_value"));
    assertThat(trials.failures(key.getId())).isZero();
  }

  @Test
  void aSecondTimeNothingHappens() {
    succeed(CALLS);
    rotations.promote(key.getId());
    succeed(CALLS);

    rotations.promote(key.getId());
    rotations.rollBack(key.getId(), "auth_failed");

    assertThat(secret()).isEqualTo("sk-new");
    assertThat(deeds).hasSize(2);
    assertThat(changes).hasSize(1);
  }

  @Test
  void nothingHappensToAKeyThatIsGone() {
    succeed(CALLS);
    rotations.promote("key_unknown");
    rotations.rollBack("key_unknown", "auth_failed");
    key.delete("ada", Instant.EPOCH);
    rotations.promote(key.getId());
    rotations.rollBack(key.getId(), "auth_failed");

    assertThat(deeds).isEmpty();
    assertThat(changes).isEmpty();
  }

  @Test
  void aCandidateThatDoesNotOpenIsNotPromoted() {
    succeed(CALLS);
    rotations.vault = TestVaults.fresh();

    assertThatThrownBy(() -> rotations.promote(key.getId()))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.REFUSED));

    assertThat(secret()).isEqualTo("sk-old");
    assertThat(trials.ok(key.getId())).isEqualTo(CALLS);
  }
}

package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.credential.ApiKey;
import io.mimir.credential.Candidate;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.Probe;
import io.mimir.security.Secret;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What administrators do with rotations. */
class RotationBeginTest {

  private static final LongPredicate ANY = version -> true;
  private static final LongPredicate ANOTHER = version -> false;

  private final CredentialBeans beans = new CredentialBeans();
  private final Rotations rotations = beans.rotations;
  private final ApiKey key = beans.add("one");

  @AfterEach
  void close() {
    beans.close();
  }

  private static Rotations.Trial trial(String secret) {
    return new Rotations.Trial(secret == null ? null : Secret.of(secret), null, null);
  }

  private void start() {
    rotations.limiter = new KeyTestLimiter();
    rotations.start(key.getId(), trial("sk-new"), ANY);
  }

  private void refuses(Problem problem, Runnable deed) {
    rotations.limiter = new KeyTestLimiter();
    assertThatThrownBy(() -> beans.store.during(deed))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  @Test
  void aSecretThatTheProviderTakesIsTriedOnAShareOfTheCalls() {
    beans.trials.succeeded(key.getId());

    start();

    assertThat(beans.asked).containsExactly("sk-new");
    Candidate candidate = beans.stored(key).candidate().orElseThrow();
    assertThat(candidate.share()).isEqualTo(10);
    assertThat(candidate.calls()).isEqualTo(20);
    assertThat(candidate.by()).isEqualTo("ada");
    assertThat(beans.stored(key).open(beans.vault).reveal()).isEqualTo("sk-one");
    assertThat(beans.trials.ok(key.getId())).isZero();
    assertThat(beans.changes).hasSize(2).contains(new KeysChanged(key.getId()));
    assertThat(beans.lastDeed())
        .startsWith("done key.rotation.start " + key.getId() + " one")
        .contains("rotation.key_value", "rotation.share", "rotation.calls")
        .doesNotContain("sk-new");
    assertThat(beans.log.lines()).isEmpty();
  }

  @Test
  void theShareAndTheNumberOfCallsAreChosen() {
    rotations.start(key.getId(), new Rotations.Trial(Secret.of("sk-new"), 50, 3), ANY);

    Candidate candidate = beans.stored(key).candidate().orElseThrow();
    assertThat(candidate.share()).isEqualTo(50);
    assertThat(candidate.calls()).isEqualTo(3);
  }

  @Test
  void aSecretThatTheProviderRefusesIsNotTried() {
    for (CallOutcome refusal : new CallOutcome[] {CallOutcome.AUTH_FAILED, CallOutcome.FORBIDDEN}) {
      beans.answer = () -> new Probe(refusal, "no", 10);
      refuses(Problem.REFUSED, () -> rotations.start(key.getId(), trial("sk-new"), ANY));
    }
    assertThat(beans.stored(key).candidate()).isEmpty();
    assertThat(beans.log.lines())
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).startsWith("key.rotation.start").endsWith("failure"));
    beans.answer = () -> new Probe(CallOutcome.TIMEOUT, "slow", 10);
    start();
    assertThat(beans.stored(key).candidate()).isPresent();
  }

  @Test
  void whatIsWrongIsSaidBeforeTheProviderIsAsked() {
    refuses(Problem.NOT_FOUND, () -> rotations.start("key_none", trial("sk-new"), ANY));
    refuses(Problem.STALE, () -> rotations.start(key.getId(), trial("sk-new"), ANOTHER));
    refuses(Problem.MISSING_FIELD, () -> rotations.start(key.getId(), trial(null), ANY));
    refuses(
        Problem.REFUSED,
        () ->
            rotations.start(key.getId(), new Rotations.Trial(Secret.of("sk-new"), 100, null), ANY));
    assertThat(beans.asked).isEmpty();
    refuses(Problem.STALE, () -> rotations.begin(key.getId(), trial("sk-new"), ANOTHER));
    assertThat(beans.lastDeed()).startsWith("begun key.rotation.start");
    start();
    refuses(Problem.IN_USE, () -> rotations.start(key.getId(), trial("sk-third"), ANY));
    assertThat(beans.asked).containsExactly("sk-new");
  }

  @Test
  void aProviderIsNotAskedAnyOftenerThanByTests() {
    beans.answer = () -> new Probe(CallOutcome.AUTH_FAILED, "no", 10);
    refuses(Problem.REFUSED, () -> rotations.start(key.getId(), trial("sk-new"), ANY));
    assertThatThrownBy(() -> rotations.start(key.getId(), trial("sk-new"), ANY))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(Problem.RATE_LIMITED));
    assertThat(beans.asked).hasSize(1);
  }

  @Test
  void anAdministratorEndsARotationEitherWay() {
    refuses(Problem.NOT_FOUND, () -> rotations.finish(key.getId(), ANY));
    refuses(Problem.NOT_FOUND, () -> rotations.cancel(key.getId(), ANY));
    start();
    refuses(Problem.STALE, () -> rotations.finish(key.getId(), ANOTHER));
    refuses(Problem.STALE, () -> rotations.cancel(key.getId(), ANOTHER));

    beans.store.during(() -> rotations.cancel(key.getId(), ANY));

    assertThat(beans.lastDeed())
        .startsWith("done key.rotation.rollback")
        .contains("rotation.key_value");
    assertThat(beans.stored(key).candidate()).isEmpty();
    assertThat(beans.stored(key).open(beans.vault).reveal()).isEqualTo("sk-one");
    start();

    beans.store.during(() -> rotations.finish(key.getId(), ANY));

    assertThat(beans.lastDeed()).startsWith("done key.rotation.promote").contains("key_value");
    assertThat(beans.stored(key).candidate()).isEmpty();
    assertThat(beans.stored(key).open(beans.vault).reveal()).isEqualTo("sk-new");
    assertThat(beans.stored(key).history().updatedBy()).isEqualTo("ada");
    assertThat(beans.changes).hasSize(5);
  }
}

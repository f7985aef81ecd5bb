package io.mimir.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import io.mimir.security.Vaults;
import java.time.Instant;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiKeyTest {

  private static final Vault VAULT = Vaults.fresh();
  private static final String OLD = "sk-old-0000000000001111";
  private static final String NEW = "sk-new-0000000000002222";
  private static final Instant BEGUN = Instant.parse("2026-01-31T08:00:00Z");
  private static final Instant LATER = BEGUN.plusSeconds(60);

  private static ApiKey aKey() {
    return aKey("https://one.example/v1");
  }

  private static ApiKey aKey(String endpoint) {
    ApiKey key =
        new ApiKey(
            KeyDraft.of(Provider.CUSTOM, "mine"),
            EndpointUrl.parse(endpoint),
            "ada",
            Instant.EPOCH);
    key.replaceSecret(Secret.of(OLD), VAULT);
    return key;
  }

  private static ApiKey aRotatingKey() {
    ApiKey key = aKey();
    propose(key);
    return key;
  }

  private static void propose(ApiKey key) {
    key.propose(Secret.of(NEW), 10, 20, VAULT, "eve", BEGUN);
  }

  private static String secretOf(ApiKey key) {
    return key.open(VAULT).reveal();
  }

  @Test
  void everyKeyIsAsGoodAsAnotherUntilSomebodySaysOtherwise() {
    assertThat(aKey().routing().priority()).isEqualTo(50);
    assertThat(aKey().routing().weight()).isEqualTo(1);
  }

  @Test
  void routingChangesWhatIsGivenAndLeavesTheRest() {
    ApiKey key = aKey();

    key.apply(KeyDraft.NONE.withPlace(1, 1000));
    key.apply(KeyDraft.NONE.withPlace(null, 7));
    key.apply(KeyDraft.NONE.withPlace(100, null));

    assertThat(key.routing().priority()).isEqualTo(100);
    assertThat(key.routing().weight()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({"0,1,priority", "101,1,priority", "-5,,priority", "50,0,weight", ",1001,weight"})
  void aNumberOutOfItsRangeIsNamed(Integer priority, Integer weight, String field) {
    ApiKey key = aKey();

    refused(() -> key.apply(KeyDraft.NONE.withPlace(priority, weight)), Problem.REFUSED, field);

    assertThat(key.routing().priority()).isEqualTo(50);
    assertThat(key.routing().weight()).isEqualTo(1);
  }

  @Test
  void bothNumbersAreNamedAtOnce() {
    refused(
        () -> aKey().apply(KeyDraft.NONE.withPlace(0, 0)), Problem.REFUSED, "priority", "weight");
  }

  @Test
  void aCandidateStandsBesideTheKeysOwnSecret() {
    ApiKey key = aRotatingKey();

    Candidate candidate = key.candidate().orElseThrow();

    assertThat(secretOf(key)).isEqualTo(OLD);
    assertThat(VAULT.open(candidate.sealed(), candidate.context()).reveal()).isEqualTo(NEW);
    assertThat(candidate.hint()).isEqualTo("sk-new-…2222");
    assertThat(candidate.share()).isEqualTo(10);
    assertThat(candidate.calls()).isEqualTo(20);
    assertThat(candidate.since()).isEqualTo(BEGUN);
    assertThat(candidate.by()).isEqualTo("eve");
    assertThat(key.history().updatedBy()).isEqualTo("eve");
    assertThat(key.history().updatedAt()).isEqualTo(BEGUN);
  }

  @Test
  void neitherSecretOpensInThePlaceOfTheOther() {
    ApiKey key = aRotatingKey();
    Candidate candidate = key.candidate().orElseThrow();

    assertThatThrownBy(() -> VAULT.open(candidate.sealed(), key.context()))
        .isInstanceOf(VaultException.class);
    assertThatThrownBy(() -> VAULT.open(key.secret().sealed(), candidate.context()))
        .isInstanceOf(VaultException.class);
  }

  @Test
  void aCandidateOpensInNoOtherKey() {
    Candidate one = aRotatingKey().candidate().orElseThrow();
    Candidate other = aRotatingKey().candidate().orElseThrow();

    assertThatThrownBy(() -> VAULT.open(one.sealed(), other.context()))
        .isInstanceOf(VaultException.class);
  }

  @Test
  void whatIsPrintedOfACandidateHoldsNothingOfIt() {
    assertThat(aRotatingKey().candidate().orElseThrow().toString())
        .contains("SealedSecret[*****]")
        .doesNotContain(NEW);
  }

  @Test
  void aPromotedCandidateIsTheKeysOwnSecret() {
    ApiKey key = aRotatingKey();

    key.promote(VAULT, LATER);

    assertThat(secretOf(key)).isEqualTo(NEW);
    assertThat(key.secret().hint()).isEqualTo("sk-new-…2222");
    assertThat(key.secret().isGiven()).isTrue();
    assertThat(key.candidate()).isEmpty();
    assertThat(key.history().updatedBy()).isEqualTo("eve");
    assertThat(key.history().updatedAt()).isEqualTo(LATER);
  }

  @Test
  void aKeyWithoutASecretCanGetItsFirstOneInARotation() {
    ApiKey key =
        new ApiKey(
            KeyDraft.of(Provider.OLLAMA, "mine"),
            EndpointUrl.parse("http://one.example"),
            "ada",
            BEGUN);
    key.replaceSecret(Secret.of(""), VAULT);
    propose(key);

    key.promote(VAULT, LATER);

    assertThat(key.secret().isGiven()).isTrue();
    assertThat(secretOf(key)).isEqualTo(NEW);
  }

  @Test
  void aCandidateThatIsRolledBackLeavesTheKeyAsItWas() {
    ApiKey key = aRotatingKey();

    key.rollBack();

    assertThat(secretOf(key)).isEqualTo(OLD);
    assertThat(key.secret().hint()).isEqualTo("sk-old-…1111");
    assertThat(key.candidate()).isEmpty();
  }

  @Test
  void withoutARotationThereIsNothingToPromoteOrToRollBack() {
    ApiKey key = aKey();

    key.promote(VAULT, LATER);
    key.rollBack();

    assertThat(secretOf(key)).isEqualTo(OLD);
    assertThat(key.history().updatedBy()).isEqualTo("ada");
  }

  @Test
  void onlyOneRotationRunsAtATime() {
    ApiKey key = aRotatingKey();

    refused(() -> propose(key), Problem.IN_USE);

    key.rollBack();
    propose(key);
    assertThat(key.candidate()).isPresent();
  }

  @ParameterizedTest
  @CsvSource({"0,20,share", "51,20,share", "10,0,calls", "10,10001,calls"})
  void shareAndCallsHaveTheirRange(int share, int calls, String field) {
    ApiKey key = aKey();

    refused(
        () -> key.propose(Secret.of(NEW), share, calls, VAULT, "eve", BEGUN),
        Problem.REFUSED,
        field);

    assertThat(key.candidate()).isEmpty();
  }

  @Test
  void aCandidateIsASecretThatCanBeSent() {
    refused(
        () -> aKey().propose(Secret.of("  "), 10, 20, VAULT, "eve", BEGUN),
        Problem.MISSING_FIELD,
        "key_value");
    refused(
        () -> aKey().propose(Secret.of("two\nlines"), 10, 20, VAULT, "eve", BEGUN),
        Problem.REFUSED,
        "key_value");
  }

  @Test
  void aSecretThatIsReplacedDirectlyEndsTheRotation() {
    ApiKey key = aRotatingKey();

    key.replaceSecret(Secret.of("sk-third"), VAULT);

    assertThat(key.candidate()).isEmpty();
    assertThat(secretOf(key)).isEqualTo("sk-third");
  }

  @Test
  void aMoveToAnotherServerEndsTheRotation() {
    ApiKey alone = aRotatingKey();
    alone.moveTo(EndpointUrl.parse("https://two.example/v1"), VAULT);
    ApiKey together = aRotatingKey();
    together.moveTo(EndpointUrl.parse("https://two.example/v1"), Secret.of("sk-third"), VAULT);

    assertThat(alone.candidate()).isEmpty();
    assertThat(together.candidate()).isEmpty();
  }

  @Test
  void anotherPathOnTheSameServerLetsTheRotationRun() {
    ApiKey key = aRotatingKey();

    key.moveTo(EndpointUrl.parse("https://one.example/llm/v1"), VAULT);

    Candidate candidate = key.candidate().orElseThrow();
    assertThat(VAULT.open(candidate.sealed(), candidate.context()).reveal()).isEqualTo(NEW);
  }

  @Test
  void aDeletedKeyComesBackWithoutItsRotation() {
    ApiKey key = aRotatingKey();

    key.delete("ada", LATER);
    key.restore("ada", LATER);

    assertThat(key.candidate()).isEmpty();
    assertThat(secretOf(key)).isEqualTo(OLD);
  }

  private static void refused(ThrowingCallable call, Problem problem, String... fields) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(problem);
              assertThat(e.errors().stream().map(FieldError::field))
                  .containsExactlyElementsOf(Stream.of(fields).toList());
            });
  }
}

package io.mimir.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.Vaults;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeyRulesTest {

  private static final Vault VAULT = Vaults.fresh();
  private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = THEN.plusSeconds(60);

  private static void refuses(Problem problem, String field, Runnable deed) {
    assertThatThrownBy(deed::run)
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(problem);
              assertThat(e.errors().get(0).field()).isEqualTo(field);
            });
  }

  private static ApiKey key(Provider provider, String url) {
    return new ApiKey(
        KeyDraft.of(provider, "one"), url == null ? null : EndpointUrl.parse(url), "ada", THEN);
  }

  @Test
  void aNameIsOneLineWithoutInvisibleCharacters() {
    refuses(Problem.MISSING_FIELD, "name", () -> KeyRules.name(null));
    refuses(Problem.MISSING_FIELD, "name", () -> KeyRules.name(" \t"));
    for (String none : List.of("a\nb", "a\u200Bb", "a\u2028b", "a\u202Eb", "a".repeat(101))) {
      refuses(Problem.REFUSED, "name", () -> KeyRules.name(none));
    }
    assertThat(KeyRules.name(" " + "ä".repeat(100) + " ")).hasSize(100);
  }

  @Test
  void aSecretIsThereWhereItIsNeededAndCanBeSent() {
    refuses(
        Problem.MISSING_FIELD, "key_value", () -> KeyRules.check(Provider.OPENAI, Secret.of("")));
    KeyRules.check(Provider.OLLAMA, Secret.of(""));
    KeyRules.check(Provider.OPENAI, Secret.of("k".repeat(4096)));
    for (String none : List.of("a b", "ä", "a\nb", "k".repeat(4097))) {
      refuses(Problem.REFUSED, "key_value", () -> KeyRules.check(Provider.OPENAI, Secret.of(none)));
    }
  }

  @Test
  void aProviderWithoutACommonAddressNeedsOne() {
    refuses(Problem.MISSING_FIELD, "endpoint_url", () -> key(Provider.CUSTOM, null));
    assertThat(key(Provider.OPENAI, null).getEndpointUrl()).isNull();
    assertThat(key(Provider.OPENAI, null).endpoint()).isNull();
    assertThat(key(Provider.CUSTOM, "https://one.example/v1").endpoint())
        .isEqualTo(EndpointUrl.parse("https://one.example/v1"));
  }

  @Test
  void aKeyKnowsWhoMadeChangedAndDeletedIt() {
    ApiKey key = key(Provider.OPENAI, null);
    assertThat(key.history().createdAt()).isEqualTo(THEN);
    assertThat(key.history().createdBy()).isEqualTo("ada");
    assertThat(key.history().updatedAt()).isEqualTo(THEN);
    assertThat(key.history().updatedBy()).isEqualTo("ada");

    key.changed("bob", LATER);
    assertThat(key.history().updatedAt()).isEqualTo(LATER);
    assertThat(key.history().updatedBy()).isEqualTo("bob");
    assertThat(key.history().createdBy()).isEqualTo("ada");

    key.delete("eve", LATER.plusSeconds(1));
    assertThat(key.isDeleted()).isTrue();
    assertThat(key.history().deletedAt()).isEqualTo(LATER.plusSeconds(1));
    assertThat(key.history().updatedBy()).isEqualTo("eve");

    key.restore("ada", LATER.plusSeconds(2));
    assertThat(key.isDeleted()).isFalse();
    assertThat(key.history().deletedAt()).isNull();
    assertThat(key.history().updatedAt()).isEqualTo(LATER.plusSeconds(2));
  }

  @Test
  void aDraftChangesWhatItNames() {
    ApiKey key = key(Provider.OPENAI, null);
    assertThat(key.isActive()).isTrue();
    assertThat(key.getVersion()).isZero();
    assertThat(key.getLastUsedAt()).isNull();
    assertThat(key.getProvider()).isEqualTo(Provider.OPENAI);
    key.apply(KeyDraft.NONE.withActive(false).withMetadata(Map.of("default_model", "m")));

    assertThat(key.isActive()).isFalse();
    assertThat(key.getMetadata().defaultModel()).contains("m");
    key.apply(KeyDraft.NONE);
    assertThat(key.isActive()).isFalse();
    assertThat(key.getMetadata().defaultModel()).contains("m");
    key.rename("two");
    assertThat(key.getName()).isEqualTo("two");
  }

  @Test
  void aDraftTellsWhetherItBringsASecretAndNothingOfIt() {
    assertThat(KeyDraft.NONE.bringsASecret()).isFalse();
    assertThat(KeyDraft.NONE.withSecret(Secret.of("  ")).bringsASecret()).isFalse();
    KeyDraft draft =
        KeyDraft.of(Provider.OPENAI, "CANARY-name").withSecret(Secret.of("CANARY-secret"));
    assertThat(draft.bringsASecret()).isTrue();
    assertThat(draft.toString()).contains("openai").doesNotContain("CANARY");
  }

  @Test
  void aKeyIsItselfWhateverItIsCalled() {
    ApiKey key = key(Provider.OPENAI, null);
    ApiKey other = key(Provider.OPENAI, null);

    assertThat(key).isEqualTo(key).isNotEqualTo(other).isNotEqualTo("key");
    assertThat(key.hashCode()).isEqualTo(key.hashCode()).isNotEqualTo(other.hashCode());
  }

  @Test
  void aHintShowsTheEndOfALongSecretOnly() {
    ApiKey key = key(Provider.OPENAI, null);
    assertThat(key.secret()).isNull();

    key.replaceSecret(Secret.of(" sk-proj-0123456789abcdefghij-LAST "), VAULT);

    assertThat(key.secret().isGiven()).isTrue();
    assertThat(key.secret().hint()).endsWith("LAST").doesNotContain("0123456789");
    assertThat(key.open(VAULT).reveal()).isEqualTo("sk-proj-0123456789abcdefghij-LAST");
    ApiKey none = key(Provider.OLLAMA, null);
    none.replaceSecret(Secret.of(""), VAULT);
    assertThat(none.secret().isGiven()).isFalse();
    assertThat(none.open(VAULT).isEmpty()).isTrue();
  }

  @Test
  void theSameAddressIsNoMove() {
    ApiKey key = key(Provider.CUSTOM, "https://one.example/v1");
    key.replaceSecret(Secret.of("sk-1"), VAULT);
    String sealed = key.secret().sealed().stored();

    key.moveTo(EndpointUrl.parse("https://one.example/v1"), VAULT);
    assertThat(key.secret().sealed().stored()).isEqualTo(sealed);
    key.moveTo(EndpointUrl.parse("https://one.example/v2"), VAULT);
    assertThat(key.secret().sealed().stored()).isNotEqualTo(sealed);
    assertThat(key.open(VAULT).reveal()).isEqualTo("sk-1");

    ApiKey usual = key(Provider.OPENAI, null);
    usual.replaceSecret(Secret.of("sk-1"), VAULT);
    String sealedUsual = usual.secret().sealed().stored();
    usual.moveTo(null, VAULT);
    assertThat(usual.secret().sealed().stored()).isEqualTo(sealedUsual);
    usual.moveTo(EndpointUrl.parse("https://one.example/v1"), VAULT);
    assertThat(usual.getEndpointUrl()).isEqualTo("https://one.example/v1");
    assertThat(usual.open(VAULT).reveal()).isEqualTo("sk-1");
  }

  @Test
  void whatATestSaysOfAKey() {
    LastTest fine = verdict(true, "ok", List.of("a"));
    LastTest refused = verdict(false, "auth_failed", List.of("a"));
    LastTest busy = verdict(false, "rate_limited", List.of());
    LastTest nothing = verdict(false, "cannot_tell", List.of("a"));

    assertThat(List.of(fine, refused, busy, nothing))
        .extracting(LastTest::condemnsTheKey)
        .containsExactly(false, true, false, false);
    assertThat(List.of(fine, refused, busy, nothing))
        .extracting(LastTest::isConclusive)
        .containsExactly(true, true, true, false);
    assertThat(List.of(fine, refused, busy, nothing))
        .extracting(test -> test.listed(false).isPresent())
        .containsExactly(true, false, false, true);
    assertThat(verdict(true, "ok", null).listed(false)).isEmpty();
    assertThat(verdict(true, "ok", null).listed(true)).contains(List.of());
    assertThat(verdict(false, "cannot_tell", null).listed(true)).isEmpty();
  }

  private static LastTest verdict(boolean success, String reason, List<String> models) {
    return new LastTest(success, reason, "x", 1, models, THEN);
  }
}

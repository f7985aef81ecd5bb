package io.mimir.credential.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.audit.Change;
import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.KeyDraft.Extras;
import io.mimir.credential.RequestOptions;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.security.Secret;
import io.mimir.time.InstantConverter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ApiKeysTest {

  private static final LongPredicate ANY = version -> true;
  private static final LongPredicate ANOTHER = version -> false;

  private final CredentialBeans beans = new CredentialBeans();
  private final ApiKeys keys = beans.keys;

  @AfterEach
  void close() {
    beans.close();
  }

  private void refuses(Problem problem, Runnable deed) {
    assertThatThrownBy(() -> beans.store.during(deed))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  private void deletedAt(ApiKey key, Instant at) {
    beans.execute(
        "update api_keys set deleted_at = ? where id = ?",
        new InstantConverter().convertToDatabaseColumn(at),
        key.getId());
  }

  private void delete(ApiKey key) {
    beans.store.during(() -> keys.delete(key.getId(), ANY));
  }

  @Test
  void aKeyIsStoredSealedAndWrittenDownWithoutItsSecret() {
    ApiKey key = beans.add("one");

    ApiKey stored = keys.get(key.getId());
    assertThat(stored.open(beans.vault).reveal()).isEqualTo("sk-one");
    assertThat(stored.secret().sealed().toString()).doesNotContain("sk-one");
    assertThat(stored.history().createdBy()).isEqualTo("ada");
    assertThat(keys.all()).containsExactly(key);
    assertThat(beans.changes).containsExactly(new KeysChanged(key.getId()));
    assertThat(beans.lastDeed())
        .startsWith("done key.create " + key.getId() + " one")
        .contains("endpoint_url", "key_value")
        .doesNotContain("sk-one");
    assertThat(beans.deeds).hasSize(2);
  }

  @Test
  void oneProviderHasOneKeyOfAName() {
    ApiKey one = beans.add("one");
    ApiKey two = beans.add("two");

    refuses(Problem.NAME_TAKEN, () -> keys.add(CredentialBeans.draft("one")));
    assertThat(beans.lastDeed()).startsWith("begun key.create null one");
    refuses(Problem.NAME_TAKEN, () -> keys.change(two.getId(), named("one"), ANY));
    assertThat(beans.change(one, named("one")).getName()).isEqualTo("one");
    assertThat(
            beans.add(KeyDraft.of(Provider.OPENAI, "one").withSecret(Secret.of("sk-o"))).getName())
        .isEqualTo("one");
  }

  private static KeyDraft named(String name) {
    return new KeyDraft(null, name, null, null, null, null, null, null, Extras.NONE);
  }

  @Test
  void aChangeIsStoredAndToldFieldByField() {
    ApiKey key = beans.add("one");
    Map<String, Secret> headers = new HashMap<>();
    headers.put("X-Tenant", Secret.of("acme"));
    KeyDraft change =
        new KeyDraft(
            Provider.CUSTOM,
            "uno",
            Secret.of("sk-other"),
            null,
            Map.of("default_model", "m", "note", "call Bob"),
            false,
            7,
            3,
            new Extras(
                new RequestOptions.Change(headers, Map.of("v", "secret-v"), null),
                true,
                Instant.parse("2030-01-01T00:00:00Z")));

    ApiKey changed = beans.change(key, change);

    ApiKey stored = keys.get(key.getId());
    assertThat(stored.getName()).isEqualTo("uno");
    assertThat(stored.open(beans.vault).reveal()).isEqualTo("sk-other");
    assertThat(stored.isActive()).isFalse();
    assertThat(stored.getVersion()).isEqualTo(changed.getVersion()).isGreaterThan(key.getVersion());
    assertThat(stored.history().updatedBy()).isEqualTo("ada");
    assertThat(stored.getMetadata().defaultModel()).contains("m");
    assertThat(beans.changes).hasSize(2).contains(new KeysChanged(key.getId()));
    List<Change> told = beans.deeds.get(beans.deeds.size() - 1).changes();
    assertThat(told)
        .contains(
            new Change("name", "one", "uno"),
            new Change("is_active", true, false),
            new Change("priority", 50, 7),
            new Change("weight", 1, 3),
            new Change("expires_at", null, "2030-01-01T00:00:00Z"),
            new Change("metadata.default_model", null, "m"),
            new Change("headers", null, List.of("X-Tenant")),
            Change.ofSecret("key_value"),
            Change.ofSecret("headers.X-Tenant"),
            Change.ofSecret("query.v"),
            Change.ofSecret("metadata.note"));
    assertThat(told.toString()).doesNotContain("Bob", "acme", "sk-", "secret-v");
  }

  @Test
  void aHeaderThatIsKeptIsNotToldAsChanged() {
    ApiKey key = beans.add("one");
    Map<String, Secret> headers = new HashMap<>();
    headers.put("X-Tenant", Secret.of("acme"));
    beans.change(key, headersOf(headers));
    headers.put("X-Tenant", null);

    beans.change(key, headersOf(headers));

    assertThat(beans.deeds.get(beans.deeds.size() - 1).changes()).isEmpty();
  }

  private static KeyDraft headersOf(Map<String, Secret> headers) {
    return KeyDraft.NONE.withExtras(
        new Extras(new RequestOptions.Change(headers, null, null), false, null));
  }

  @Test
  void whoSawAnOlderKeyChangesNothing() {
    ApiKey key = beans.add("one");

    assertThatThrownBy(
            () -> beans.store.during(() -> keys.change(key.getId(), named("uno"), ANOTHER)))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(Problem.STALE);
              assertThat(e).hasMessageContaining("ada");
            });
    refuses(Problem.STALE, () -> keys.delete(key.getId(), ANOTHER));
    assertThat(keys.get(key.getId()).getName()).isEqualTo("one");
    LongPredicate same = version -> version == key.getVersion();
    assertThat(beans.store.in(() -> keys.change(key.getId(), KeyDraft.NONE, same))).isEqualTo(key);
  }

  @Test
  void aKeyStaysWithItsProvider() {
    ApiKey key = beans.add("one");

    refuses(
        Problem.REFUSED, () -> keys.change(key.getId(), KeyDraft.of(Provider.OPENAI, "one"), ANY));
  }

  @Test
  void whatIsDoneToNoKeyIsWrittenDownAsBegun() {
    refuses(Problem.NOT_FOUND, () -> keys.get("key_none"));
    refuses(Problem.NOT_FOUND, () -> keys.change("key_none", KeyDraft.NONE, ANY));
    assertThat(beans.lastDeed()).startsWith("begun key.update key_none null");
    refuses(Problem.NOT_FOUND, () -> keys.delete("key_none", ANY));
    assertThat(beans.lastDeed()).startsWith("begun key.delete");
    refuses(Problem.NOT_FOUND, () -> keys.restore("key_none"));
    assertThat(beans.lastDeed()).startsWith("begun key.restore");
  }

  @Test
  void aDeletedKeyIsGoneAndCanBeHadBack() {
    ApiKey key = beans.add("one");
    delete(key);

    assertThat(beans.lastDeed()).startsWith("done key.delete").contains("one");
    assertThat(keys.all()).isEmpty();
    assertThat(keys.deleted()).containsExactly(key);
    assertThat(beans.use.active()).isEmpty();
    refuses(Problem.NOT_FOUND, () -> keys.get(key.getId()));
    refuses(Problem.NOT_FOUND, () -> keys.change(key.getId(), KeyDraft.NONE, ANY));
    assertThat(beans.lastDeed()).startsWith("begun key.update " + key.getId() + " one");

    assertThat(beans.store.in(() -> keys.restore(key.getId()))).isEqualTo(key);

    assertThat(beans.lastDeed()).startsWith("done key.restore").contains("one");
    assertThat(keys.all()).containsExactly(key);
    assertThat(beans.stored(key).history().updatedBy()).isEqualTo("ada");
    assertThat(keys.get(key.getId()).open(beans.vault).reveal()).isEqualTo("sk-one");
    assertThat(beans.changes).hasSize(3);
    refuses(Problem.NOT_FOUND, () -> keys.restore(key.getId()));
  }

  @Test
  void afterSevenDaysADeletedKeyIsGoneForGood() {
    ApiKey early = beans.add("early");
    ApiKey late = beans.add("late");
    delete(early);
    delete(late);
    deletedAt(early, Instant.now().minus(Duration.ofDays(7)).minusSeconds(60));
    deletedAt(late, Instant.now().minus(Duration.ofDays(7)).plusSeconds(60));

    assertThat(keys.deleted()).containsExactly(late);
    refuses(Problem.NOT_FOUND, () -> keys.restore(early.getId()));
    assertThat(beans.store.<Integer>in(() -> beans.use.purge(Instant.now().minus(ApiKey.UNDO))))
        .isEqualTo(1);
    assertThat(beans.stored(early)).isNull();
    assertThat(beans.stored(late)).isNotNull();
  }

  @Test
  void aNameThatWasGivenAwayIsNotHadBack() {
    ApiKey key = beans.add("one");
    delete(key);
    beans.add("one");

    refuses(Problem.RESTORE_CONFLICT, () -> keys.restore(key.getId()));
  }

  @Test
  void aUseIsWrittenDownAndNeverTurnedBackAndMovesNoVersion() {
    ApiKey key = beans.add("one");
    Instant at = Instant.parse("2026-11-30T12:00:00.123Z");

    beans.store.during(() -> beans.use.used(Map.of(key.getId(), at)));
    beans.store.during(() -> beans.use.used(Map.of(key.getId(), at.minusSeconds(60))));

    assertThat(beans.stored(key).getLastUsedAt()).isEqualTo(at);
    assertThat(beans.stored(key).getVersion()).isEqualTo(key.getVersion());
    assertThat(beans.uses.last(beans.stored(key))).contains(at);
    assertThat(beans.uses.last(key)).isEmpty();
    beans.uses.used(key.getId());
    assertThat(beans.uses.last(beans.stored(key)).orElseThrow()).isAfter(at);
    ApiKey elsewhere = beans.stored(key);
    beans.store.during(
        () -> beans.use.used(Map.of(key.getId(), Instant.parse("2099-01-01T00:00:00Z"))));
    assertThat(beans.uses.last(elsewhere).orElseThrow()).isBefore("2099-01-01T00:00:00Z");
    assertThat(beans.uses.last(beans.stored(key))).contains(Instant.parse("2099-01-01T00:00:00Z"));
  }
}

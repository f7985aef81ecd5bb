package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccessTokenTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration YEAR = Duration.ofDays(366);
  private static final AccessToken.Wish PLAIN =
      new AccessToken.Wish("one", List.of("chat"), null, null, null, null);

  private final Account ann = new Account("ann", "hash", List.of("user"), NOW);

  private AccessToken token(AccessToken.Wish wish) {
    return new AccessToken(ann, wish, "hash", "mimir_…abcd", NOW);
  }

  private static AccessToken.Wish named(String name) {
    return new AccessToken.Wish(name, List.of("chat"), null, null, null, null);
  }

  private static AccessToken.Wish until(Instant end) {
    return new AccessToken.Wish("one", List.of("chat"), end, null, null, null);
  }

  private static AccessToken.Wish models(List<String> models) {
    return new AccessToken.Wish("one", List.of("chat"), null, models, null, null);
  }

  private static AccessToken.Wish perMinute(int requests) {
    return new AccessToken.Wish("one", List.of("chat"), null, null, requests, null);
  }

  private static AccessToken.Wish scopes(List<String> scopes) {
    return new AccessToken.Wish("one", scopes, null, null, null, null);
  }

  private void refuses(Problem problem, String field, AccessToken.Wish wish) {
    assertThatThrownBy(() -> token(wish))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(problem);
              assertThat(e.errors()).extracting(FieldError::field).containsExactly(field);
            });
  }

  @Test
  void whatIsLeftOpenHasAUsualValue() {
    AccessToken token = token(PLAIN);

    assertThat(token.getName()).isEqualTo("one");
    assertThat(token.getOwner()).isEqualTo(ann);
    assertThat(token.getParent()).isNull();
    assertThat(token.getScopes()).containsExactly("chat");
    assertThat(token.getModels()).isEmpty();
    assertThat(token.getRequestsPerMinute()).isNull();
    assertThat(token.isStrict()).isFalse();
    assertThat(token.getCreatedAt()).isEqualTo(NOW);
    assertThat(token.getExpiresAt()).isEqualTo(NOW.plus(Duration.ofDays(90)));
    assertThat(token.getHint()).isEqualTo("mimir_…abcd");
    assertThat(token.getRevokedAt()).isNull();
    assertThat(token.getLastUsedAt()).isNull();
    assertThat(token.getId()).startsWith("tok_");
  }

  @Test
  void whatIsWishedIsKept() {
    AccessToken token =
        token(
            new AccessToken.Wish(
                " one ",
                List.of("gateway", "chat"),
                NOW.plusSeconds(1),
                List.of("a", "b*"),
                5,
                true));

    assertThat(token.getName()).isEqualTo("one");
    assertThat(token.getScopes()).containsExactly("gateway", "chat");
    assertThat(token.getModels()).containsExactly("a", "b*");
    assertThat(token.getRequestsPerMinute()).isEqualTo(5);
    assertThat(token.isStrict()).isTrue();
    assertThat(token.getExpiresAt()).isEqualTo(NOW.plusSeconds(1));
  }

  @Test
  void aNameIsOneLine() {
    refuses(Problem.MISSING_FIELD, "name", named(null));
    refuses(Problem.MISSING_FIELD, "name", named("  "));
    refuses(Problem.REFUSED, "name", named("a\nb"));
    refuses(Problem.REFUSED, "name", named("a".repeat(101)));
    assertThat(token(named("a".repeat(100))).getName()).hasSize(100);
  }

  @Test
  void anEndIsWithinTheNextYear() {
    refuses(Problem.REFUSED, "expires_at", until(NOW));
    refuses(Problem.REFUSED, "expires_at", until(NOW.minusSeconds(1)));
    refuses(Problem.REFUSED, "expires_at", until(NOW.plus(YEAR).plusMillis(1)));
    assertThat(token(until(NOW.plus(YEAR))).getExpiresAt()).isEqualTo(NOW.plus(YEAR));
  }

  @Test
  void requestsAreCountedFromOneToAMillion() {
    refuses(Problem.REFUSED, "requests_per_minute", perMinute(0));
    refuses(Problem.REFUSED, "requests_per_minute", perMinute(1_000_001));
    assertThat(token(perMinute(1)).getRequestsPerMinute()).isEqualTo(1);
    assertThat(token(perMinute(1_000_000)).getRequestsPerMinute()).isEqualTo(1_000_000);
  }

  @Test
  void modelsAreAtMostAHundredNames() {
    refuses(Problem.REFUSED, "models", models(Collections.nCopies(101, "m")));
    for (String none : new String[] {null, "", "a b", "a,b", "a\n", "ä", "m".repeat(201)}) {
      refuses(Problem.REFUSED, "models", models(Arrays.asList("fine", none)));
    }
    assertThat(token(models(Collections.nCopies(100, "m".repeat(200)))).getModels()).hasSize(100);
  }

  @Test
  void aScopeNeedsARoleOfItsOwner() {
    refuses(Problem.MISSING_FIELD, "scopes", scopes(null));
    refuses(Problem.MISSING_FIELD, "scopes", scopes(List.of()));
    refuses(Problem.INVALID, "scopes", scopes(List.of("chat", "everything")));
    refuses(Problem.REFUSED, "scopes", scopes(List.of("chat", "settings")));
    ann.changeRoles(List.of("admin"), NOW);
    assertThat(token(scopes(Scope.words())).effectiveScopes()).containsExactly(Scope.values());
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() {
    AccessToken.Wish wish =
        new AccessToken.Wish("a\tb", List.of("audit"), NOW, List.of(" "), 0, null);

    assertThatThrownBy(() -> token(wish))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e ->
                assertThat(e.errors())
                    .extracting(FieldError::field)
                    .containsExactly(
                        "name", "scopes", "expires_at", "requests_per_minute", "models"));
  }

  @Test
  void aTokenIsOverAtItsEndAndFromItsRevocationOn() {
    AccessToken token = token(until(NOW.plusSeconds(10)));

    assertThat(token.isUsable(NOW.plusSeconds(9))).isTrue();
    assertThat(token.isUsable(NOW.plusSeconds(10))).isFalse();
    token.revoke(NOW.plusSeconds(1));
    token.revoke(NOW.plusSeconds(2));
    assertThat(token.getRevokedAt()).isEqualTo(NOW.plusSeconds(1));
    assertThat(token.isLive(NOW.plusSeconds(1))).isFalse();
  }

  @Test
  void aRoleThatIsTakenAwayIsTakenFromTheTokensToo() {
    ann.changeRoles(List.of("user", "auditor"), NOW);
    AccessToken token = token(scopes(List.of("chat", "audit")));
    ann.changeRoles(List.of("user"), NOW);

    assertThat(token.effectiveScopes()).containsExactly(Scope.CHAT);
    assertThat(token.getScopes()).containsExactly("chat", "audit");
  }

  @Test
  void aTokenIsItselfAndItsHashIsKeyed() {
    AccessToken token = token(PLAIN);
    Secret text = AccessTokenText.generate();
    Vault vault = Vaults.fresh();

    assertThat(token).isEqualTo(token).isNotEqualTo(token(PLAIN)).isNotEqualTo("token");
    assertThat(token.hashCode()).isEqualTo(token.hashCode()).isNotEqualTo(token(PLAIN).hashCode());
    assertThat(AccessToken.hashOf(text, vault))
        .matches("[0-9a-f]{64}")
        .isEqualTo(AccessToken.hashOf(text, vault))
        .isNotEqualTo(AccessToken.hashOf(text, Vaults.fresh()))
        .isNotEqualTo(AccessToken.hashOf(AccessTokenText.generate(), vault));
    assertThat(AccessTokenText.hint(text))
        .isEqualTo("mimir_…" + text.reveal().substring(text.length() - 4));
  }
}

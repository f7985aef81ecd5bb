package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.error.FieldError;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessTokenBoundsTest {

  private static final Instant NOW = Instant.parse("2026-01-31T08:00:00Z");
  private static final Instant END = NOW.plus(Duration.ofDays(30));

  private final Account owner = new Account("ann", "hash", List.of(Role.ADMIN), NOW);

  private static AccessToken.Wish wish(
      List<String> scopes, Instant end, List<String> models, Integer perMinute, Boolean strict) {
    return new AccessToken.Wish("name", scopes, end, models, perMinute, strict);
  }

  private AccessToken token(AccessToken parent, AccessToken.Wish wish) {
    return new AccessToken(owner, parent, wish, "hash", "hint", NOW);
  }

  private AccessToken narrow() {
    return token(
        null, wish(List.of("gateway", "settings"), END, List.of("gpt-*", "llama3"), 10, true));
  }

  private static List<String> excess(AccessToken.Wish wish, AccessToken parent) {
    return AccessTokenBounds.excess(AccessTokenBounds.filled(wish, parent, NOW), parent).stream()
        .peek(error -> assertThat(error.code()).isEqualTo("exceeds_token"))
        .map(FieldError::field)
        .toList();
  }

  @Test
  void whatIsLeftOpenIsAsAtTheParent() {
    AccessToken.Wish filled =
        AccessTokenBounds.filled(wish(List.of("gateway"), null, null, null, null), narrow(), NOW);

    assertThat(filled)
        .isEqualTo(wish(List.of("gateway"), END, List.of("gpt-*", "llama3"), 10, true));
    assertThat(AccessTokenBounds.excess(filled, narrow())).isEmpty();
  }

  @Test
  void aLongLivedParentGivesTheUsualLife() {
    AccessToken parent =
        token(null, wish(List.of("gateway"), NOW.plus(Duration.ofDays(300)), null, null, null));

    assertThat(
            AccessTokenBounds.filled(wish(List.of("gateway"), null, null, null, null), parent, NOW)
                .expiresAt())
        .isEqualTo(NOW.plus(Duration.ofDays(90)));
  }

  @Test
  void eachBoundHoldsByItself() {
    List<String> gateway = List.of("gateway");
    Instant late = END.plusMillis(1);

    assertThat(excess(wish(List.of("gateway", "accounts"), null, null, null, null), narrow()))
        .containsExactly("scopes");
    assertThat(excess(wish(gateway, late, null, null, null), narrow()))
        .containsExactly("expires_at");
    assertThat(excess(wish(gateway, null, List.of("gpt-4", "o3"), null, null), narrow()))
        .containsExactly("models");
    assertThat(excess(wish(gateway, null, null, 11, null), narrow()))
        .containsExactly("requests_per_minute");
    assertThat(excess(wish(gateway, null, null, null, false), narrow())).containsExactly("strict");
    assertThat(excess(wish(List.of("audit"), late, List.of("*"), 11, false), narrow()))
        .containsExactly("scopes", "expires_at", "models", "requests_per_minute", "strict");
  }

  @Test
  void exactlyAsMuchIsAllowed() {
    AccessToken.Wish same =
        wish(List.of("settings", "gateway"), END, List.of("llama3", "gpt-*"), 10, true);

    assertThat(excess(same, narrow())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-*, gpt-4, true",
    "gpt-*, gpt-4*, true",
    "gpt-*, gpt-*, true",
    "gpt-*, gpt*, false",
    "gpt-*, *, false",
    "gpt-4, gpt-*, false",
    "gpt-4, gpt-4o, false",
    "openai/*, openai/gpt-4, true",
    "openai/*, gpt-4, false",
    "gpt-4, openai/gpt-4, false"
  })
  void aModelIsCoveredByItselfOrByAWiderPattern(String allowed, String wanted, boolean covered) {
    AccessToken parent = token(null, wish(List.of("gateway"), END, List.of(allowed), null, null));

    assertThat(
            excess(wish(List.of("gateway"), null, List.of(wanted), null, null), parent).isEmpty())
        .isEqualTo(covered);
  }

  @Test
  void aScopeWhoseRoleTheOwnerLostCannotBeHandedOn() {
    AccessToken parent = token(null, wish(List.of("gateway", "settings"), END, null, null, null));
    owner.changeRoles(List.of(Role.USER), NOW);

    assertThat(excess(wish(List.of("gateway", "settings"), null, null, null, null), parent))
        .containsExactly("scopes");
  }

  @Test
  void aWordThatIsNoScopeIsLeftToTheTokenToRefuse() {
    assertThat(excess(wish(List.of("nonsense"), null, null, null, null), narrow())).isEmpty();
    assertThat(excess(wish(null, null, null, null, null), narrow())).isEmpty();
  }

  @Test
  void fiveGenerationsAreTheMost() {
    AccessToken last = narrow();
    for (int generation = 2; generation <= 5; generation++) {
      AccessToken.Wish next =
          AccessTokenBounds.filled(wish(List.of("gateway"), null, null, null, null), last, NOW);
      assertThat(AccessTokenBounds.excess(next, last)).as("%d", generation).isEmpty();
      last = token(last, next);
    }
    AccessToken.Wish sixth =
        AccessTokenBounds.filled(wish(List.of("gateway"), null, null, null, null), last, NOW);

    assertThat(AccessTokenBounds.excess(sixth, last))
        .extracting(FieldError::code)
        .containsExactly("too_many_generations");
  }

  @Test
  void whatEndsATokenEndsThoseThatWereMadeWithIt() {
    AccessToken parent = narrow();
    AccessToken child = token(parent, wish(List.of("gateway"), null, null, null, null));
    AccessToken grandchild = token(child, wish(List.of("gateway"), null, null, null, null));
    assertThat(grandchild.isUsable(NOW)).isTrue();
    assertThat(grandchild.isUsable(END)).as("the first has expired").isFalse();
    assertThat(grandchild.isLive(END)).isTrue();

    parent.revoke(NOW);

    assertThat(grandchild.isUsable(NOW)).isFalse();
    assertThat(grandchild.descendsFrom(parent.getId())).isTrue();
    assertThat(parent.descendsFrom(child.getId())).isFalse();
  }

  @Test
  void noTokenOfADisabledAccountIsUsable() {
    AccessToken token = narrow();

    owner.setActive(false, NOW);
    assertThat(token.isUsable(NOW)).isFalse();
    assertThat(token.isLive(NOW)).as("it works again when the account is enabled").isTrue();

    owner.setActive(true, NOW);
    assertThat(token.isUsable(NOW)).isTrue();
  }
}

package io.mimir.security.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.DeniedAction;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.AccessToken;
import io.mimir.security.AccessTokenText;
import io.mimir.security.Account;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccessTokensTest {

  private final SecurityBeans beans = new SecurityBeans();
  private final AccessTokens tokens = beans.tokens;
  private final Account root = beans.actsInPerson(beans.account("root", "admin"));
  private final Account ann = beans.account("ann", "user");

  @AfterEach
  void close() {
    beans.close();
  }

  private void refuses(Problem problem, Runnable deed) {
    assertThatThrownBy(() -> beans.store.during(deed))
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  private AccessToken stored(AccessToken token) {
    return beans.store.em().find(AccessToken.class, token.getId());
  }

  private boolean isLive(AccessToken token) {
    return stored(token).isLive(Instant.now());
  }

  @Test
  void aTokenIsFoundByTheHashOfItsTextAndTheTextIsNowhere() {
    AccessTokens.Issued issued = beans.issue(ann, " laptop ", "chat", "gateway");

    AccessToken found = tokens.find(AccessToken.hashOf(issued.text(), beans.vault)).orElseThrow();

    assertThat(found).isEqualTo(issued.token());
    assertThat(found.getName()).isEqualTo("laptop");
    assertThat(found.getScopes()).containsExactlyInAnyOrder("chat", "gateway");
    assertThat(found.getParent()).isNull();
    assertThat(AccessTokenText.isWellFormed(issued.text())).isTrue();
    assertThat(issued.text().reveal()).endsWith(found.getHint().substring(7));
    assertThat(tokens.find("0".repeat(64))).isEmpty();
    assertThat(beans.lastDeed())
        .startsWith("done token.create")
        .contains("laptop", "ann")
        .doesNotContain(issued.text().reveal());
    assertThat(beans.deeds)
        .allSatisfy(deed -> assertThat(deed.targetId()).isEqualTo(found.getId()));
  }

  @Test
  void nobodyGetsNoToken() {
    AccessToken.Wish wish = new AccessToken.Wish("x", List.of("chat"), null, null, null, null);
    refuses(Problem.NOT_FOUND, () -> tokens.issue("usr_nobody", wish));
  }

  @Test
  void everybodySeesTheirOwnAndAdministratorsAll() {
    AccessToken one = beans.issue(ann, "one", "chat").token();
    AccessToken two = beans.issue(root, "two", "chat").token();

    assertThat(tokens.ownedBy(ann.getId())).containsExactly(one);
    assertThat(tokens.all()).containsExactlyInAnyOrder(one, two);
    assertThat(tokens.live()).isEqualTo(Map.of(ann.getId(), 1, root.getId(), 1));
  }

  /** T71: what the wish leaves open is as it is at the token that it comes with. */
  @Test
  void aTokenThatIsMadeWithAnotherIsItsChildAndBoundByIt() {
    Instant end = Instant.now().plus(Duration.ofDays(3)).truncatedTo(ChronoUnit.MILLIS);
    AccessToken parent =
        beans
            .issue(
                ann, new AccessToken.Wish("p", List.of("gateway"), end, List.of("gpt-5"), 7, true))
            .token();
    beans.actsWith(parent);

    AccessToken child = beans.issue(ann, "c", "gateway").token();

    assertThat(child.getParent()).isEqualTo(parent);
    assertThat(child.getModels()).containsExactly("gpt-5");
    assertThat(child.getRequestsPerMinute()).isEqualTo(7);
    assertThat(child.isStrict()).isTrue();
    assertThat(child.getExpiresAt()).isEqualTo(parent.getExpiresAt());
    refuses(Problem.FORBIDDEN, () -> beans.issue(ann, "c", "chat"));
    assertThat(beans.denials).containsExactly(new DeniedAction("token.create", null, "c"));
  }

  @Test
  void aTokenMakesNoneWhenItIsRevokedOrGoneOrAnothers() {
    AccessToken parent = beans.issue(ann, "p", "gateway").token();
    beans.actsWith(parent);
    refuses(Problem.FORBIDDEN, () -> beans.issue(root, "c", "gateway"));
    beans.store.during(() -> tokens.revokeOwn(parent.getId(), ann.getId()));
    refuses(Problem.FORBIDDEN, () -> beans.issue(ann, "c", "gateway"));
    beans.actsWith(
        new AccessToken(
            ann,
            new AccessToken.Wish("gone", List.of("gateway"), null, null, null, null),
            "hash",
            "hint",
            Instant.now()));
    refuses(Problem.FORBIDDEN, () -> beans.issue(ann, "c", "gateway"));
    assertThat(beans.denials).hasSize(3);
  }

  @Test
  void withATokenGoThoseThatWereMadeWithIt() {
    AccessToken first = beans.issue(ann, "first", "gateway").token();
    beans.actsWith(first);
    AccessToken second = beans.issue(ann, "second", "gateway").token();
    beans.actsWith(second);
    AccessToken third = beans.issue(ann, "third", "gateway").token();
    beans.actsInPerson(ann);
    AccessToken other = beans.issue(ann, "other", "gateway").token();

    beans.store.during(() -> tokens.revokeOwn(second.getId(), ann.getId()));

    assertThat(isLive(first)).isTrue();
    assertThat(isLive(second)).isFalse();
    assertThat(isLive(third)).isFalse();
    assertThat(isLive(other)).isTrue();
    assertThat(beans.revokedTokens)
        .containsExactly(
            new AccessTokenRevoked(second.getId()), new AccessTokenRevoked(third.getId()));
    assertThat(beans.lastDeed()).startsWith("done token.revoke").contains("revoked_at");
  }

  @Test
  void aTokenIsRevokedByItsOwnerOnlyAndTheAttemptIsWrittenDown() {
    AccessToken token = beans.issue(ann, "anns", "chat").token();

    refuses(Problem.NOT_FOUND, () -> tokens.revokeOwn(token.getId(), root.getId()));
    assertThat(beans.lastDeed()).startsWith("begun token.revoke");
    AuditedAction begun = beans.deeds.get(beans.deeds.size() - 1);
    assertThat(begun.targetName()).isEqualTo("anns");
    refuses(Problem.NOT_FOUND, () -> tokens.revokeOwn("tok_none", root.getId()));
    refuses(Problem.NOT_FOUND, () -> tokens.revoke("tok_none"));

    assertThat(isLive(token)).isTrue();
  }

  @Test
  void anAdministratorInPersonRevokesAny() {
    AccessToken token = beans.issue(ann, "anns", "chat").token();
    AccessToken own = beans.issue(root, "roots", "settings").token();

    beans.store.during(() -> tokens.revoke(token.getId()));
    beans.store.during(() -> tokens.revoke(own.getId()));

    assertThat(isLive(token)).isFalse();
    assertThat(isLive(own)).isFalse();
  }

  @Test
  void aTokenOfAccountsRevokesNoneOfAnAdministratorButItselfAndWhatItMade() {
    AccessToken other = beans.issue(root, "roots", "settings").token();
    AccessToken anns = beans.issue(ann, "anns", "chat").token();
    AccessToken own = beans.issue(root, "provisioning", "accounts").token();
    beans.actsWith(own);
    AccessToken made = beans.issue(root, "made", "accounts").token();

    refuses(Problem.FORBIDDEN, () -> tokens.revoke(other.getId()));
    assertThat(beans.denials)
        .containsExactly(new DeniedAction("token.revoke", other.getId(), "roots"));
    for (AccessToken each : List.of(anns, made, own)) {
      beans.store.during(() -> tokens.revoke(each.getId()));
      assertThat(isLive(each)).isFalse();
    }
    assertThat(isLive(other)).isTrue();
  }

  @Test
  void allOfAnAccountGoAndTheLiveOnesAreCounted() {
    AccessToken one = beans.issue(ann, "one", "chat").token();
    AccessToken two = beans.issue(ann, "two", "chat").token();
    AccessToken roots = beans.issue(root, "roots", "chat").token();
    beans.store.during(() -> tokens.revoke(one.getId()));
    Instant revokedAt = stored(one).getRevokedAt();

    assertThat(beans.store.<Integer>in(() -> tokens.revokeAllOf(ann.getId()))).isEqualTo(1);

    assertThat(isLive(two)).isFalse();
    assertThat(isLive(roots)).isTrue();
    assertThat(stored(one).getRevokedAt()).isEqualTo(revokedAt);
    assertThat(tokens.live()).isEqualTo(Map.of(root.getId(), 1));
    assertThat(beans.store.<Integer>in(() -> tokens.revokeAllOf(ann.getId()))).isZero();
  }

  @Test
  void aUseIsWrittenDown() {
    AccessToken token = beans.issue(ann, "one", "chat").token();
    Instant at = Instant.parse("2026-11-30T12:00:00Z");

    beans.store.during(() -> tokens.touch(token.getId(), at));

    assertThat(stored(token).getLastUsedAt()).isEqualTo(at);
  }

  @Test
  void auditorsReadNamesWithoutTheRest() {
    AccessToken one = beans.issue(ann, "one", "chat").token();
    AccessToken two = beans.issue(root, "two", "chat").token();
    AccessTokenNames names = new AccessTokenNames();
    names.em = beans.store.em();
    AccountNames people = new AccountNames();
    people.em = beans.store.em();

    assertThat(names.all()).isEqualTo(Map.of(one.getId(), "one", two.getId(), "two"));
    assertThat(names.of(ann.getId())).isEqualTo(Map.of(one.getId(), "one"));
    assertThat(people.all()).isEqualTo(Map.of(ann.getId(), "ann", root.getId(), "root"));
  }
}

package io.mimir.security.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.audit.DeniedAction;
import io.mimir.audit.service.TestEvents;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.security.AccessToken;
import io.mimir.security.Account;
import io.mimir.security.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthorityTest {

  private static final Instant NOW = Instant.now();

  private final List<DeniedAction> written = new ArrayList<>();
  private final Authority authority = new Authority();

  AuthorityTest() {
    authority.denials = TestEvents.into(written);
  }

  private static Account account(String role) {
    return new Account("ann", "hash", List.of(role), NOW);
  }

  private static Identity token(String... scopes) {
    return Identity.program(
        new AccessToken(
            account(Role.ADMIN),
            new AccessToken.Wish("t", List.of(scopes), null, null, null, null),
            "hash",
            "hint",
            NOW));
  }

  private static Problem problem(Runnable deed) {
    try {
      deed.run();
      return null;
    } catch (ProblemException e) {
      return e.problem();
    }
  }

  /** By role in person or by scope: accounts, and what the password has to be entered for. */
  @ParameterizedTest
  @CsvSource({
    "person, admin, false, , PASSWORD_REQUIRED",
    "person, admin, true, , ",
    "person, auditor, true, FORBIDDEN, ",
    "person, user, true, FORBIDDEN, ",
    "token, settings, true, FORBIDDEN, FORBIDDEN",
    "token, accounts, true, , FORBIDDEN",
    "token, gateway, true, FORBIDDEN, FORBIDDEN",
    "token, chat, true, FORBIDDEN, FORBIDDEN",
    "token, audit, true, FORBIDDEN, FORBIDDEN",
    "token, metrics, true, FORBIDDEN, FORBIDDEN"
  })
  void whoMayDoWhat(
      String kind, String word, boolean entered, Problem ofAccounts, Problem ofPassword) {
    authority.set(kind.equals("person") ? Identity.person(account(word)) : token(word), entered);

    assertThat(problem(() -> authority.requireAccounts("user.update", "x", "n")))
        .isEqualTo(ofAccounts);
    assertThat(problem(() -> authority.requirePassword("user.update", "x", "n")))
        .isEqualTo(ofPassword);
    int refused = (ofAccounts == null ? 0 : 1) + (ofPassword == null ? 0 : 1);
    assertThat(written)
        .hasSize(refused)
        .allMatch(new DeniedAction("user.update", "x", "n")::equals);
  }

  @Test
  void nobodyMayDoAnything() {
    assertThatThrownBy(() -> authority.requireAccounts("a", null, null))
        .isInstanceOf(ProblemException.class);
    assertThatThrownBy(() -> authority.requirePassword("a", null, null))
        .isInstanceOf(ProblemException.class);
    assertThat(authority.tokenId()).isEmpty();
    assertThat(authority.has(Role.ADMIN)).isFalse();
  }

  @Test
  void aTokenKnowsItsLimitAndThoseThatItDescendsFrom() {
    Account owner = account(Role.ADMIN);
    AccessToken.Wish ten = new AccessToken.Wish("t", List.of("gateway"), null, null, 10, null);
    AccessToken.Wish two = new AccessToken.Wish("t", List.of("gateway"), null, null, 2, null);
    AccessToken parent = new AccessToken(owner, ten, "h", "h", NOW);
    AccessToken child = new AccessToken(owner, parent, two, "h", "h", NOW);

    assertThat(Identity.program(child).allowances())
        .containsExactly(
            new Identity.Allowance(child.getId(), 2), new Identity.Allowance(parent.getId(), 10));
  }
}

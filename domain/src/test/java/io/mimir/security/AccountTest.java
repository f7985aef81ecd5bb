package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccountTest {

  private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = MADE.plusSeconds(60);

  private static Account account(String name, String... roles) {
    return new Account(name, "hash", List.of(roles), MADE);
  }

  private static void refuses(Problem problem, Runnable deed) {
    assertThatThrownBy(deed::run)
        .isInstanceOfSatisfying(
            ProblemException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  @Test
  void aNewAccountIsActiveAndIsWhatItWasMadeOf() {
    Account ann = account(" Ann ", "user", "auditor");

    assertThat(ann.getUsername()).isEqualTo("Ann");
    assertThat(ann.getRoles()).containsExactly("auditor", "user");
    assertThat(ann.isActive()).isTrue();
    assertThat(ann.getCreatedAt()).isEqualTo(MADE);
    assertThat(ann.getUpdatedAt()).isEqualTo(MADE);
    assertThat(ann.getPasswordChangedAt()).isEqualTo(MADE);
    assertThat(ann.getVersion()).isZero();
    assertThat(ann.getId()).startsWith("usr_");
    assertThat(Account.keyOf(" ANN ")).isEqualTo("ann");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "-ann", "ann ann", "a\nb", "ann/../root", "<b>"})
  void aNameThatCannotBeOneIsRefused(String name) {
    refuses(Problem.REFUSED, () -> account(name, "user"));
    refuses(Problem.REFUSED, () -> account("a".repeat(65), "user"));
    refuses(Problem.REFUSED, () -> account(null, "user"));
    assertThat(account("a".repeat(64), "user").getUsername()).hasSize(64);
  }

  @Test
  void aRoleIsOneThatCanBeGiven() {
    refuses(Problem.MISSING_FIELD, () -> account("ann"));
    refuses(Problem.MISSING_FIELD, () -> account("ann", "user").changeRoles(null, LATER));
    for (String none : List.of("root", Role.PERSON, Role.ACCOUNTS, Role.OPERATOR)) {
      assertThatThrownBy(() -> account("ann", "user", none))
          .isInstanceOfSatisfying(
              ProblemException.class,
              e -> {
                assertThat(e.problem()).isEqualTo(Problem.INVALID);
                assertThat(e.errors().get(0).message()).contains("admin, auditor, user");
              });
    }
  }

  @Test
  void eachChangeSaysWhenItWas() {
    Account ann = account("ann", "user");
    ann.changeRoles(Set.of("admin"), LATER);
    assertThat(ann.getUpdatedAt()).isEqualTo(LATER);
    assertThat(ann.getPasswordChangedAt()).isEqualTo(MADE);
    assertThat(ann.isAdmin()).isTrue();
    ann.setActive(false, LATER.plusSeconds(1));
    assertThat(ann.getUpdatedAt()).isEqualTo(LATER.plusSeconds(1));
    assertThat(ann.isActive()).isFalse();
    assertThat(ann.isAdmin()).isFalse();
    ann.changePassword("other", LATER.plusSeconds(2));
    assertThat(ann.getUpdatedAt()).isEqualTo(LATER.plusSeconds(2));
    assertThat(ann.getPasswordChangedAt()).isEqualTo(LATER.plusSeconds(2));
  }

  @Test
  void anAccountIsItselfWhateverItIsCalled() {
    Account ann = account("ann", "user");

    assertThat(ann).isEqualTo(ann).hasSameHashCodeAs(ann).isNotEqualTo(account("ann", "user"));
    assertThat(ann.hashCode()).isNotEqualTo(account("ann", "user").hashCode());
    assertThat(ann).isNotEqualTo("ann");
  }

  @Test
  void anAdministratorIsAllTheRest() {
    assertThat(Role.including(List.of("admin")))
        .containsExactlyInAnyOrder("admin", "auditor", "user");
    assertThat(Role.including(List.of("auditor"))).containsExactly("auditor");
  }

  @ParameterizedTest
  @CsvSource({
    "gateway, user, scope:gateway",
    "chat, user, user",
    "pipelines, user, pipelines",
    "settings, admin, admin",
    "accounts, admin, accounts",
    "audit, auditor, auditor",
    "metrics, admin, scope:metrics"
  })
  void aScopeNeedsARoleAndOpensOneDoor(String word, String role, String group) {
    Scope scope = Scope.ofWire(word).orElseThrow();

    assertThat(scope.role()).isEqualTo(role);
    assertThat(scope.groups()).containsExactly(group);
    assertThat(scope.wire()).isEqualTo(word);
    assertThat(Scope.words()).hasSize(7).contains(word);
    assertThat(Scope.ofWire(word.toUpperCase(java.util.Locale.ROOT))).isEmpty();
  }
}
